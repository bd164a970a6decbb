"""README's operations chapter, followed word for word: by a new machine with systemd, which is a container here, and by a stack of
docker-compose.yml that the commands of "docker compose up" have started.

Every block of code in the chapter is run in order, and is run as it stands. Where a block shows what comes
out of a command, behind "$ ", the same lines must come but for numbers, times and passwords; "..." stands for any others.

The package is made from the checkout's Release build, which is brought up to date. POSTERN_TEST_IMAGE names an image that is built
already, and without it one is built here, as in containers_test.
"""

import pathlib
import re
import secrets
import subprocess
import tempfile
import unittest

from postern_process import eventually
from stack import TOP, copy_checkout, docker, environment_of_a_clone, free_ports, image_to_test, run_tests

PATIENCE = 300  # seconds for a block: one installs packages
# What cannot end with 0 here, and why.
EXPECTED = {"postern check": (1, "nobody publishes the container's name in DNS")}
# Systemd in a container that may do everything: what would change the machine below stays away.
MACHINE = r"""
FROM debian:bookworm-slim
RUN apt-get update -q && apt-get install -y -q --no-install-recommends systemd-sysv dbus && rm -f /usr/sbin/policy-rc.d && \
    systemctl mask getty.target systemd-sysctl.service systemd-modules-load.service systemd-logind.service \
        dev-hugepages.mount sys-kernel-debug.mount sys-kernel-tracing.mount
STOPSIGNAL SIGRTMIN+3
CMD ["/sbin/init"]
"""


def sections(chapter):
    """(heading, [block]) of a chapter, in order; a block is the text of one run of indented lines, or what a fence holds."""
    text = (TOP / "README.md").read_text()
    chapter = re.search(rf"^## {re.escape(chapter)}\n(.*?)(?=^## |\Z)", text, re.S | re.M)[1]
    found = []
    for part in re.split(r"^### ", "\n" + chapter, flags=re.M):
        heading, _, body = part.partition("\n")
        blocks = re.findall(r"(?:\A|\n)\n((?:    [^\n]*\n)+)|^```[^\n]*\n(.*?)^```$", body, re.S | re.M)
        found.append((heading, [re.sub(r"^    ", "", indented or fenced, flags=re.M) for indented, fenced in blocks]))
    return found


def steps(block):
    """(command, the output that is shown for it or None) of a block; a block without output is one script."""
    if not block.startswith("$ "):
        return [(block, None)]
    return [(command, shown.splitlines() or None) for command, shown in
            re.findall(r"^\$ ([^\n]*)\n((?:(?!\$ )[^\n]*\n)*)", block, re.M)]


def shape(line):
    """A line without what differs from one time to the next, and without what Compose tells a terminal."""
    line = re.sub(r"\x1b\[[0-9;]*[A-Za-z]", "", line)
    line = re.sub(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", "TIME", line.strip())
    line = re.sub(r"\b[a-z2-7]{20}\b", "PASSWORD", line)
    return re.sub(r"\s+", " ", re.sub(r"\d+", "N", line))


def shows(shown, output):
    """Whether a command's output is what README shows of it."""
    pattern = "".join(r"(?:[^\n]*\n)*?" if line.strip() == "..." else re.escape(shape(line) + "\n") for line in shown)
    return re.fullmatch(pattern, "".join(shape(line) + "\n" for line in output.splitlines())) is not None


class Follower(unittest.TestCase):
    """Follows blocks; `run(script)` gives the finished process of one."""

    maxDiff = None

    def follow(self, blocks, run):
        for command, shown in (step for block in blocks for step in steps(block)):
            with self.subTest(command):
                done = run(command)
                code, _ = EXPECTED.get(command, (0, ""))
                self.assertEqual(done.returncode, code, f"{command}\n{done.stdout}{done.stderr}")
                if shown is not None:
                    self.assertTrue(shows(shown, done.stdout), f"README shows of {command}\n" + "\n".join(shown) +
                                    f"\nand it says\n{done.stdout}")


def bash(*front, script, **how):
    return subprocess.run([*front, "bash", "-euo", "pipefail", "-c", script], capture_output=True, text=True, errors="replace",
                          timeout=PATIENCE, stdin=subprocess.DEVNULL, check=False, **how)


class Machine(Follower):
    """A new Debian 12 with systemd, which has the package that a build has made and nothing else of ours."""

    @classmethod
    def setUpClass(cls):
        subprocess.run(["bash", "-euc", ". app/build.sh; build_release"], cwd=TOP, stdin=subprocess.DEVNULL, timeout=3600, check=True)

    def setUp(self):
        self.beside_build = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory(prefix="postern-e2e-")))
        (self.beside_build / "build").symlink_to(TOP / "build")
        docker("build", "--tag", "postern-e2e-machine", "-", given=MACHINE, timeout=PATIENCE)
        self.name = f"postern-e2e-machine-{secrets.token_hex(3)}"
        docker("run", "--detach", "--privileged", "--name", self.name, "--hostname", "mx.example.org", "--tmpfs", "/run",
               "--tmpfs", "/run/lock", "--tmpfs", "/tmp:exec,mode=1777", "postern-e2e-machine")
        self.addCleanup(docker, "rm", "--force", "--volumes", self.name)
        eventually(lambda: self.run_there("systemctl is-system-running").stdout.strip() == "running", "systemd being there")

    def run_there(self, script):
        return bash("docker", "exec", "--workdir", "/root", self.name, script=script)

    def make_package(self, script):
        """Beside the build, as said; then the package is copied to the server."""
        done = bash(script=script, cwd=self.beside_build)
        for package in self.beside_build.glob("postern_*.deb"):
            docker("cp", str(package), f"{self.name}:/root/")
        return done

    def test_the_operations_chapter_can_be_followed(self):
        count = 0
        for heading, blocks in sections("Operations"):
            for block in blocks if heading != "With Docker" else ():
                self.follow([block], self.make_package if block.startswith("cpack ") else self.run_there)
                failed = self.run_there("systemctl list-units --failed --plain --no-legend").stdout
                self.assertEqual(failed, "", self.run_there("journalctl --no-pager --lines 50").stdout)
                count += 1
        self.assertGreater(count, 12)
        left = self.run_there("ls -d /etc/postern /usr/bin/postern /var/log/postern /var/lib/postern/postern.db 2>&1")
        self.assertEqual([line for line in left.stdout.splitlines() if line.startswith("/")], ["/var/lib/postern/postern.db"])

    def test_what_is_expected_to_fail_is_there(self):
        commands = {command for _, blocks in sections("Operations") for block in blocks for command, _ in steps(block)}
        self.assertLessEqual(set(EXPECTED), commands)


class Compose(Follower):
    """A fresh clone, in which only the ports are chosen here, and the image where one is there already."""

    def setUp(self):
        folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory(prefix="postern-e2e-")))
        self.clone = folder / f"postern-e2e-readme-{secrets.token_hex(3)}"  # the folder names the project
        copy_checkout(self.clone)
        self.environment = environment_of_a_clone(free_ports())
        self.addCleanup(self.run_here, "docker compose down --volumes")

    def run_here(self, script):
        if image_to_test():
            script = script.replace(" --build", "")
        elif "--build" in script:  # compiling everything takes longer than any other block
            docker("compose", "build", timeout=3000, environment=self.environment, folder=self.clone)
        return bash(script=script, cwd=self.clone, env=self.environment)

    def test_the_commands_for_docker_can_be_followed(self):
        (_, first), = [s for s in sections("docker compose up") if not s[0]]
        self.follow(first[:1], self.run_here)  # the second is a file of settings
        blocks = dict(sections("Operations"))["With Docker"]
        self.assertTrue(blocks)
        self.follow(blocks, self.run_here)


if __name__ == "__main__":
    run_tests()
