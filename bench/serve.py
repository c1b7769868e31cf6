"""The server: its first answer, drawings a second with 8 clients against the same function in a loop, its memory.

The loop is called by one thread, and by as many as the server has. The clients share the machine with the server.

python -m bench.serve RUN PICTURE [--requests 10000] [--clients 8]
"""

from __future__ import annotations

import argparse
import http.client
import os
import re
import signal
import statistics
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from bench.common import report
from hornbook.recognizer import Recognizer
from hornbook.recognizer.request import answers_to, asked_of_bytes


def ask(port: int, body: bytes, times: int) -> None:
    """Ask for the same picture again and again over one connection."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    for _ in range(times):
        connection.request("POST", "/predict", body, {"content-type": "image/png"})
        response = connection.getresponse()
        answer = response.read()
        assert response.status == 200, answer
    connection.close()


def resident(process: int) -> float:
    """Return the MiB that a process holds."""
    return int(Path(f"/proc/{process}/status").read_text().split("VmRSS:")[1].split()[0]) / 1024


def in_a_loop(run: str, body: bytes, times: int, threads: int) -> float:
    """Return how many answers a second the server's own function gives, called by as many threads."""
    import cv2

    cv2.setNumThreads(1)
    reader = Recognizer(run, threads=1)

    def answer(_: int) -> None:
        answers_to(reader, [asked_of_bytes(reader, body)], False, 3, 0.0)[0].to_json()

    answer(0)
    with ThreadPoolExecutor(threads) as pool:
        started = time.perf_counter()
        list(pool.map(answer, range(times)))
        return times / (time.perf_counter() - started)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("run")
    parser.add_argument("picture", type=Path)
    parser.add_argument("--requests", type=int, default=10_000)
    parser.add_argument("--clients", type=int, default=8)
    chosen = parser.parse_args()
    body, threads = chosen.picture.read_bytes(), os.cpu_count() or 1
    started = time.perf_counter()
    command = [sys.executable, "-m", "hornbook", "serve", chosen.run, "--port", "0"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, encoding="utf-8") as process:
        assert process.stderr is not None
        port = int(re.findall(r":(\d+)/", process.stderr.readline())[0])
        ask(port, body, 1)
        first = time.perf_counter() - started
        each = chosen.requests // chosen.clients // 4
        rates, looped, alone, sizes = [], [], [], []
        for _ in range(4):
            clients = [threading.Thread(target=ask, args=(port, body, each)) for _ in range(chosen.clients)]
            started = time.perf_counter()
            for client in clients:
                client.start()
            for client in clients:
                client.join()
            rates.append(each * chosen.clients / (time.perf_counter() - started))
            sizes.append(resident(process.pid))
            looped.append(in_a_loop(chosen.run, body, each * chosen.clients, threads))
            alone.append(in_a_loop(chosen.run, body, each * chosen.clients, 1))
        process.send_signal(signal.SIGTERM)
    ratios = [
        statistics.median(a / b for a, b in zip(rates, others, strict=True)) for others in (alone, looped)
    ]
    report(
        "serve",
        first_answer_seconds=round(first, 2),
        answers_per_second=round(max(rates)),
        loop_per_second=round(max(alone)),
        ratio=round(ratios[0], 3),
        loop_with_threads_per_second=round(max(looped)),
        ratio_with_threads=round(ratios[1], 3),
        grown_mib=round(sizes[-1] - sizes[0], 1),
        requests=each * chosen.clients * 4,
    )


if __name__ == "__main__":
    main()
