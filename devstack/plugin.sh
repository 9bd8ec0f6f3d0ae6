# zun_lite in DevStack: enable_plugin zun_lite <repository>

function install_zun_lite {
    setup_develop "$ZUN_LITE_DIR" mysql,memcache
    if is_service_enabled zun-lite-compute; then
        install_package docker.io busybox-static
        start_service docker
        add_user_to_group "$STACK_USER" docker
        keep_projects_apart -C 2>/dev/null || keep_projects_apart -A
    fi
}

# See "Networks of projects" in the deployment guide.
function keep_projects_apart {
    sudo iptables -w -t mangle "$1" FORWARD -i zl-+ -o zl-+ \
        -m physdev ! --physdev-is-bridged -j DROP
}

function configure_zun_lite {
    sudo install -d -o "$STACK_USER" "$ZUN_LITE_CONF_DIR"
    iniset "$ZUN_LITE_CONF" DEFAULT debug "$ENABLE_DEBUG_LOG_LEVEL"
    iniset_rpc_backend zun_lite "$ZUN_LITE_CONF"
    iniset "$ZUN_LITE_CONF" database connection \
        "$(database_connection_url zun_lite)"
    iniset "$ZUN_LITE_CONF" api auth_strategy keystone
    iniset "$ZUN_LITE_CONF" api host_ip "$SERVICE_LISTEN_ADDRESS"
    iniset "$ZUN_LITE_CONF" api port "$ZUN_LITE_PORT"
    iniset "$ZUN_LITE_CONF" websocket_proxy host "$SERVICE_LISTEN_ADDRESS"
    iniset "$ZUN_LITE_CONF" websocket_proxy port "$ZUN_LITE_WSPROXY_PORT"
    iniset "$ZUN_LITE_CONF" websocket_proxy base_url \
        "ws://$SERVICE_HOST:$ZUN_LITE_WSPROXY_PORT/"
    iniset "$ZUN_LITE_CONF" websocket_proxy allowed_origins "$SERVICE_HOST"
    iniset "$ZUN_LITE_CONF" secrets key_file "$ZUN_LITE_CONF_DIR/secret-keys"
    make_secret_key "$ZUN_LITE_CONF_DIR/secret-keys"
    iniset "$ZUN_LITE_CONF" docker sandbox_image zun-lite/pause:1
    configure_keystone_authtoken_middleware "$ZUN_LITE_CONF" zun-lite
    iniset "$ZUN_LITE_CONF" keystone_authtoken service_type container
}

# The Python that has zun_lite's packages: of DevStack's virtual environment,
# where it has one.
function zun_lite_python {
    local python
    python=$(get_python_exec_prefix)/python3
    if [ -x "$python" ]; then
        echo "$python"
    else
        echo "${PYTHON:-python3}"
    fi
}

function make_secret_key {
    [ -e "$1" ] || (
        umask 077
        "$(zun_lite_python)" -c 'from cryptography.fernet import Fernet
print(Fernet.generate_key().decode())' >"$1"
    )
}

function init_zun_lite {
    if is_service_enabled zun-lite-api; then
        recreate_database zun_lite
        "$(get_python_exec_prefix)/zun-lite-manage" \
            --config-file "$ZUN_LITE_CONF" db sync
        create_service_user zun-lite service
        get_or_create_service zun_lite container 'Pods as a service'
        get_or_create_endpoint container "$REGION_NAME" "$ZUN_LITE_URL/v1"
    fi
}

function start_zun_lite {
    local bin
    bin=$(get_python_exec_prefix)
    run_process zun-lite-api \
        "$bin/zun-lite-api --config-file $ZUN_LITE_CONF"
    run_process zun-lite-conductor \
        "$bin/zun-lite-conductor --config-file $ZUN_LITE_CONF"
    run_process zun-lite-wsproxy \
        "$bin/zun-lite-wsproxy --config-file $ZUN_LITE_CONF"
    if is_service_enabled zun-lite-compute; then
        sudo "$(zun_lite_python)" "$ZUN_LITE_DIR/tools/images"
        run_process zun-lite-compute \
            "$bin/zun-lite-compute --config-file $ZUN_LITE_CONF" docker
    fi
}

function stop_zun_lite {
    local service
    for service in zun-lite-api zun-lite-conductor zun-lite-wsproxy \
            zun-lite-compute; do
        stop_process $service
    done
}

if is_service_enabled zun-lite-api zun-lite-conductor zun-lite-wsproxy \
        zun-lite-compute; then
    case "$1:${2:-}" in
        stack:install) install_zun_lite ;;
        stack:post-config) configure_zun_lite; init_zun_lite ;;
        stack:extra) start_zun_lite ;;
        unstack:) stop_zun_lite ;;
        clean:)
            keep_projects_apart -D || true
            sudo rm -rf "$ZUN_LITE_CONF_DIR"
            ;;
    esac
fi
