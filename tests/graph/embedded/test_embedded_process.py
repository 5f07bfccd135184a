"""Processes are known by number and birth, and end when those they serve end."""

import os
import socket
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from graph.embedded.lock import is_held, open_lock, try_lock, try_take, wait_lock
from graph.embedded.options import EngineOptions
from graph.embedded.process import ProcessId, end, free_port, guard, program, tied_to_us
from tests.graph.embedded.conftest import eventually

SLEEP = [sys.executable, "-c", "import time; time.sleep(600)"]
STUBBORN = [
    sys.executable,
    "-c",
    "import signal, time; signal.signal(15, signal.SIG_IGN); print(flush=True); time.sleep(600)",
]


def test_process_is_alive_until_it_ends() -> None:
    with subprocess.Popen(SLEEP) as process:
        known = ProcessId.of(process.pid)
        assert known.is_alive()
        process.kill()
        eventually(lambda: not known.is_alive())  # a zombie counts as gone
    assert not known.is_alive()
    with pytest.raises(psutil.NoSuchProcess):
        ProcessId.of(process.pid)


def test_another_process_with_the_same_number_is_not_mistaken() -> None:
    me = ProcessId.of(os.getpid())
    assert me.is_alive()
    assert not ProcessId(me.pid, me.birth - 1).is_alive()
    end(ProcessId(me.pid, me.birth - 1), 1)  # or this test would end here


def test_process_that_does_not_end_when_asked_is_killed() -> None:
    with subprocess.Popen(STUBBORN, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        end(ProcessId.of(process.pid), 0.2)
        eventually(lambda: process.poll() is not None)


@pytest.mark.parametrize("way", ["kernel", "shell"])
def test_child_does_not_outlive_a_killed_parent(tmp_path: Path, way: str) -> None:
    if way == "kernel" and tied_to_us() is None:
        way = "shell"  # the kernel does it on Linux only
    note = tmp_path / "child"
    parent = f"""
import subprocess, sys, time
from pathlib import Path
from graph.embedded.process import guard, tied_to_us
tie = tied_to_us() if {way == "kernel"} else None
child = subprocess.Popen({SLEEP!r}, preexec_fn=tie)
kept = None if {way == "kernel"} else guard(child.pid)
Path({str(note)!r}).write_text(str(child.pid))
time.sleep(600)
"""
    with subprocess.Popen([sys.executable, "-c", parent]) as process:
        eventually(lambda: note.exists() and note.read_text() != "")
        child = ProcessId.of(int(note.read_text()))
        assert child.is_alive()
        process.kill()
    eventually(lambda: not child.is_alive())


def test_guard_that_is_ended_leaves_its_process_alone() -> None:
    with subprocess.Popen(SLEEP) as process:
        watching = guard(process.pid)
        watching.kill()
        watching.wait()
        assert watching.stdin is not None
        watching.stdin.close()
        time.sleep(0.1)
        assert process.poll() is None
        process.kill()


def test_lock_lives_with_the_child_that_inherits_it(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    fd = try_take(path)
    assert fd is not None
    assert try_take(path) is None
    with subprocess.Popen(SLEEP, pass_fds=(fd,)) as process:
        os.close(fd)
        assert is_held(path)
        process.kill()
    assert not is_held(path)


def test_shared_locks_keep_an_exclusive_one_out(tmp_path: Path) -> None:
    first, second, third = (open_lock(tmp_path / "lock") for _ in range(3))
    assert try_lock(first, shared=True)
    assert try_lock(second, shared=True)
    assert not wait_lock(third, 0.1)
    os.close(first)
    assert not try_lock(third)
    os.close(second)
    assert try_lock(third)
    os.close(third)


def test_port_that_is_taken_is_not_given() -> None:
    port = free_port(None)
    assert free_port(port) == port
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", port))
        taken.listen(1)
        assert free_port(port) != port


def test_options_survive_the_way_to_another_process(tmp_path: Path) -> None:
    options = EngineOptions(home=tmp_path, heap_mb=256, jar_cache=tmp_path / "jars", linger=0.0)
    assert EngineOptions.from_json(options.to_json()) == options
    secret = replace(options, maven_repositories=("https://user:password@maven.example",))
    assert "password" not in str(program("keeper", secret.to_json()))
    assert program("keeper", options.to_json())[:3] == [
        sys.executable,
        "-m",
        "graph.embedded.keeper",
    ]
