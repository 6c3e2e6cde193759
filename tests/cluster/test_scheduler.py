"""`photopipe process --on dask://HOST:PORT`: whatever happens to scheduler and network, each photo arrives once."""

from pathlib import Path

import pytest
from support.cluster_command import check_each_is_there_once, cluster_command, lease_attempts, wait_until
from support.command import Home
from support.dask_processes import dask_processes
from support.fault_gallery import OK, TAKE_AND_HANG, Fault, FaultGallery
from support.pictures import make_jpeg
from support.tcp_proxy import TcpProxy

PHOTOS = 24
SOME = 8
THREADS = 4
LEASE_S = 4.0
END_S = 50.0
IMPATIENT = ("--timeout", "1s", "--retry-for", "3s")


@pytest.fixture
def card(tmp_path: Path) -> Path:
    (tmp_path / "card").mkdir()
    for number in range(PHOTOS):
        make_jpeg(tmp_path / "card" / f"IMG_{number:04}.JPG", seed=number)
    return tmp_path / "card"


def hangs_in_the_middle(number: int) -> Fault:
    return TAKE_AND_HANG if SOME <= number < SOME + THREADS else OK


def test_workers_of_a_scheduler_do_one_run_after_the_other(home: Home, card: Path) -> None:
    with FaultGallery(idempotent=False) as gallery, dask_processes(workers=2) as dask:
        for found in ("24 uploaded", "24 skipped"):
            with cluster_command(home, str(card), "--to", gallery.url, on=dask.on) as command:
                result = command.result(END_S)
            assert result.code == 0, result
            assert found in result.err
        check_each_is_there_once(home, gallery, PHOTOS)
        assert all(worker.poll() is None for worker in dask.workers)


@pytest.mark.campaign
@pytest.mark.parametrize("how", ["reset", "cut_silently"])
def test_a_worker_cut_off_from_the_scheduler_sends_nothing_twice(home: Home, card: Path, how: str) -> None:
    with (
        FaultGallery(hangs_in_the_middle, idempotent=False) as gallery,
        dask_processes(workers=1) as dask,
        TcpProxy(dask.port) as proxy,
    ):
        dask.start_workers(1, proxy.port)
        with cluster_command(home, str(card), "--to", gallery.url, *IMPATIENT, on=dask.on, lease_s=LEASE_S) as command:
            wait_until(lambda: len(gallery.stored) >= SOME + THREADS // 2)
            getattr(proxy, how)()
            result = command.result(END_S)
        assert result.code == 0, result
        check_each_is_there_once(home, gallery, PHOTOS)


@pytest.mark.campaign
def test_a_run_goes_on_when_the_scheduler_and_its_workers_are_there_again(home: Home, card: Path) -> None:
    with FaultGallery(hangs_in_the_middle, idempotent=False) as gallery, dask_processes(workers=2) as dask:
        with cluster_command(home, str(card), "--to", gallery.url, *IMPATIENT, on=dask.on, lease_s=LEASE_S) as command:
            wait_until(lambda: len(gallery.stored) >= SOME + THREADS)
            dask.kill_scheduler()
            dask.start_scheduler()
            dask.start_workers(2)
            result = command.result(END_S)
        assert result.code == 0, result
        check_each_is_there_once(home, gallery, PHOTOS)
    assert lease_attempts(home)[2] > 0


@pytest.mark.campaign
def test_workers_of_a_killed_driver_are_waited_for(home: Home, card: Path) -> None:
    with FaultGallery(hangs_in_the_middle, idempotent=False) as gallery, dask_processes(workers=2) as dask:
        arguments = (str(card), "--to", gallery.url, *IMPATIENT)
        with cluster_command(home, *arguments, on=dask.on, lease_s=LEASE_S) as command:
            wait_until(lambda: len(gallery.stored) >= SOME + THREADS)
            command.kill()
        with cluster_command(home, *arguments, on=dask.on, lease_s=LEASE_S) as command:
            result = command.result(END_S)
        assert result.code == 0, result
        assert "may still be sending" in result.err
        check_each_is_there_once(home, gallery, PHOTOS)


@pytest.mark.campaign
def test_killed_workers_may_be_replaced_by_others(home: Home, card: Path) -> None:
    with FaultGallery(hangs_in_the_middle, idempotent=False) as gallery, dask_processes(workers=2) as dask:
        with cluster_command(home, str(card), "--to", gallery.url, *IMPATIENT, on=dask.on, lease_s=LEASE_S) as command:
            wait_until(lambda: len(gallery.stored) > SOME)
            for worker in dask.workers:
                worker.kill()
            dask.start_workers(1)
            result = command.result(END_S)
        assert result.code == 0, result
        check_each_is_there_once(home, gallery, PHOTOS)
    assert lease_attempts(home)[2] > 0


def test_a_worker_without_a_needed_extra_is_refused_before_the_first_photo(home: Home) -> None:
    with FaultGallery() as gallery, dask_processes(workers=0) as dask:
        dask.start_workers(1, lacks=["boto3"])
        with cluster_command(home, "s3://originals/2024", "--to", gallery.url, on=dask.on) as command:
            result = command.result(END_S)
    assert result.code == 2, result
    assert "cannot work on this run" in result.err
    assert "photopipe[remote]" in result.err
    assert gallery.posts == []


def test_a_scheduler_that_is_not_there_is_said_so(home: Home, card: Path) -> None:
    with cluster_command(home, str(card), "--to", "http://127.0.0.1:9/", on="dask://127.0.0.1:9") as command:
        result = command.result(END_S)
    assert result.code == 5
    assert "no Dask scheduler answers there" in result.err
    assert "Traceback" not in result.err
