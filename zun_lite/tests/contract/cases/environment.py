"""Command, arguments, environment, working directory, terminal."""
from zun_lite.tests.contract import harness


class Environment(harness.Case):
    def entry(self, **fields) -> str:
        """What the image with an entrypoint of its own writes."""
        return self.output(
            {'name': 'main', 'image': self.engine.entry_image, **fields})

    # Kubernetes: "Define a Command and Arguments for a Container"

    def test_image_entrypoint_and_command(self):
        """Neither given: the image's entrypoint and its arguments."""
        self.assertEqual('entry default\n', self.entry())

    def test_args_replace_only_arguments(self):
        self.assertEqual('entry mine\n', self.entry(args=['mine']))

    def test_command_drops_image_arguments(self):
        self.assertEqual('\n', self.entry(command=['echo']))

    def test_command_and_args(self):
        self.assertEqual('a b\n', self.entry(command=['echo', 'a'],
                                             args=['b']))

    def test_arguments_are_not_split(self):
        """No shell is involved unless asked for."""
        self.assertEqual('a  b;c "d"\n', self.output(self.container(
            command=['echo', 'a  b;c "d"'])))

    def test_empty_command_is_the_images(self):
        self.assertEqual('entry default\n', self.entry(command=[], args=[]))

    # References

    def test_reference_in_command(self):
        """$(NAME) stands for a variable of the container."""
        self.assertEqual('hello you\n', self.output(self.container(
            command=['echo', '$(GREETING)'], args=['$(WHO)'],
            env=[{'name': 'GREETING', 'value': 'hello'},
                 {'name': 'WHO', 'value': 'you'}])))

    def test_unknown_reference_stays(self):
        self.assertEqual('$(NOBODY)\n', self.output(self.container(
            command=['echo', '$(NOBODY)'])))

    def test_escaped_reference(self):
        """$$(NAME) is the text $(NAME)."""
        self.assertEqual('$(WHO)\n', self.output(self.container(
            command=['echo', '$$(WHO)'],
            env=[{'name': 'WHO', 'value': 'x'}])))

    def test_reference_in_a_value(self):
        """A value may refer to variables before it."""
        self.assertEqual('a-b $(LATE)\n', self.output(self.sh(
            'echo "$TWO"', env=[
                {'name': 'ONE', 'value': 'a'},
                {'name': 'TWO', 'value': '$(ONE)-b $(LATE)'},
                {'name': 'LATE', 'value': 'z'}])))

    # Variables

    def test_variables(self):
        self.assertEqual('one two\n', self.output(self.sh(
            'echo $A $B', env=[{'name': 'A', 'value': 'one'},
                               {'name': 'B', 'value': 'two'}])))

    def test_empty_value(self):
        """A missing value is empty, and set."""
        text = self.output(self.container(
            command=['env'], env=[{'name': 'EMPTY'}]))
        self.assertIn('EMPTY=', text.splitlines())

    def test_special_characters(self):
        value = 'a=b "c" \'d\' $E `f` #g ü'
        text = self.output(self.container(
            command=['env'], env=[{'name': 'ODD', 'value': value}]))
        self.assertIn(f'ODD={value}', text.splitlines())

    def test_several_lines(self):
        self.assertEqual('a\nb\n', self.output(self.sh(
            'echo "$TWO"', env=[{'name': 'TWO', 'value': 'a\nb'}])))

    def test_image_variables_stay(self):
        text = self.entry(command=['env'])
        self.assertIn('COLOUR=blue', text.splitlines())
        self.assertRegex(text, r'(?m)^PATH=')

    def test_image_variables_are_overridden(self):
        text = self.entry(command=['env'], env=[
            {'name': 'COLOUR', 'value': 'red'}])
        self.assertIn('COLOUR=red', text.splitlines())
        self.assertNotIn('COLOUR=blue', text)

    def test_hostname_variable(self):
        """HOSTNAME is the pod's name."""
        text = self.output(self.container(command=['env']),
                           name='named-pod')
        self.assertIn('HOSTNAME=named-pod', text.splitlines())

    def test_variables_are_per_container(self):
        pod = self.start(
            self.sh('echo "[$A]"', env=[{'name': 'A', 'value': '1'}]),
            self.sh('echo "[$A]"', 'b'), restartPolicy='Never')
        self.wait_phase(pod, 'Succeeded')
        self.assertEqual('[1]\n', self.logs(pod))
        self.assertEqual('[]\n', self.logs(pod, 'b'))

    # Working directory

    def test_working_dir(self):
        self.assertEqual('/tmp\n', self.output(self.container(
            command=['pwd'], workingDir='/tmp')))

    def test_working_dir_of_the_image(self):
        self.assertEqual('/srv\n', self.entry(command=['pwd']))

    def test_working_dir_is_made(self):
        """A directory that the image lacks is made."""
        self.assertEqual('/not/there\n', self.output(self.container(
            command=['pwd'], workingDir='/not/there')))

    def test_working_dir_is_that_of_exec(self):
        pod = self.start(self.sleeper(workingDir='/tmp'))
        self.wait_ready(pod)
        self.assertEqual('/tmp\n', self.exec_sh(pod, 'pwd'))

    # Terminal

    def test_no_terminal(self):
        self.assertEqual('no\n', self.output(self.sh(
            'test -t 1 && echo yes || echo no')))

    def test_tty(self):
        """tty: the container's output is a terminal."""
        self.assertEqual('yes', self.output(self.sh(
            'test -t 1 && echo yes || echo no', tty=True)).strip())

    def test_without_stdin_reading_ends(self):
        """stdin false: reading gives the end of file at once."""
        self.assertEqual('done\n', self.output(self.sh('cat; echo done')))

    def test_stdin_stays_open(self):
        """stdin true: reading waits."""
        pod = self.start(self.container(command=['cat'], stdin=True))
        self.wait_ready(pod)
        self.steadily(lambda: harness.running(self.status(pod)),
                      'cat waits for input')
