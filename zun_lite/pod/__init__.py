"""The domain: what a pod is. Pure; imports nothing else of zun_lite."""
