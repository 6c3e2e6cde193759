"""Limits: on guessing, on what is read before anybody has shown that they may send it, and on slow clients."""

import socket
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
import requests
from gallery.protected import PASSWORD, log_in, protect, session_cookie
from gallery.raw_connection import RawConnection
from gallery.running_gallery import DEADLINE_S, GalleryClient, jpeg, running_gallery
from support.deadline import until, within_deadline

from photopipe.gallery.access.access_file import AccessFile
from photopipe.gallery.access.access_policy import AccessPolicy
from photopipe.gallery.access.asked import Asked
from photopipe.gallery.access.attempt_limit import MAX_ADDRESSES, OVERALL, PER_ADDRESS, Allowance, AttemptLimit
from photopipe.gallery.access.keys import add_token
from photopipe.gallery.access.own_site import OwnSite
from photopipe.gallery.server.pace import Pace, Patience
from photopipe.gallery.server.serve import Openness
from photopipe.gallery.store.request_refused import RequestRefused

WEAK_TOKEN = "t0ken"
IMPATIENT = Patience(header_s=0.05, idle_s=0.05, window_s=0.05, slowest_bytes_per_s=1e6, look_every_s=0.02)


class Clock:
    """Time that passes when a test says so."""

    now_s = 0.0

    def __call__(self) -> float:
        return self.now_s


def is_refused(limit: AttemptLimit, address: str) -> bool:
    try:
        limit.check(address)
    except RequestRefused:
        return True
    return False


def test_an_address_may_be_wrong_a_few_times_and_then_now_and_then() -> None:
    clock = Clock()
    limit = AttemptLimit(Allowance(burst=3, refill_s=20.0), Allowance(1000, 1.0), clock)
    for _ in range(3):
        assert not is_refused(limit, "192.0.2.1")
        limit.record_failure("192.0.2.1")
    assert is_refused(limit, "192.0.2.1")
    assert not is_refused(limit, "192.0.2.2")
    clock.now_s = 19.0
    assert is_refused(limit, "192.0.2.1")
    clock.now_s = 20.0
    assert not is_refused(limit, "192.0.2.1")
    limit.record_failure("192.0.2.1")
    assert is_refused(limit, "192.0.2.1")


def test_all_together_may_be_wrong_a_bounded_number_of_times() -> None:
    limit = AttemptLimit(Allowance(1000, 1.0), Allowance(burst=5, refill_s=2.0), Clock())
    for number in range(5):
        limit.record_failure(f"192.0.2.{number}")
    assert is_refused(limit, "198.51.100.1")


def test_the_usual_limits_leave_a_guesser_a_few_thousand_tries_a_day() -> None:
    tries_a_day = [allowance.burst + 24 * 3600 / allowance.refill_s for allowance in (PER_ADDRESS, OVERALL)]
    assert tries_a_day[0] < 5000
    assert tries_a_day[1] < 50_000


def test_a_network_of_ipv6_counts_as_one_address() -> None:
    limit = AttemptLimit(Allowance(1, 20.0), Allowance(1000, 1.0), Clock())
    limit.record_failure("2001:db8::1")
    assert is_refused(limit, "2001:db8::ffff:1")
    assert not is_refused(limit, "2001:db8:0:1::1")
    limit.record_failure("::ffff:192.0.2.1")
    assert is_refused(limit, "192.0.2.1")
    limit.record_failure("not an address")
    assert is_refused(limit, "not an address")


def test_a_bounded_number_of_addresses_is_remembered() -> None:
    limit = AttemptLimit(Allowance(1, 20.0), Allowance(10**6, 1.0), Clock())
    for number in range(MAX_ADDRESSES + 1):
        limit.record_failure(f"10.{number >> 16}.{number >> 8 & 255}.{number & 255}")
    assert len(limit._buckets) == MAX_ADDRESSES
    assert not is_refused(limit, "10.0.0.0"), "the one that failed longest ago is forgotten"
    assert is_refused(limit, "10.0.0.1")


def test_many_wrong_tokens_are_answered_429_and_a_random_one_passes_all_the_same(tmp_path: Path) -> None:
    token = add_token(str(tmp_path), "camera-room")
    with running_gallery(tmp_path, WEAK_TOKEN, openness=Openness()) as gallery:
        wrong = {"Authorization": "Bearer t0ken-that-is-wrong"}
        url = f"{gallery.url}/api/photos"
        answers = [gallery.session.post(url, headers=wrong, timeout=DEADLINE_S) for _ in range(PER_ADDRESS.burst + 1)]
        assert [answer.status_code for answer in answers] == [401] * PER_ADDRESS.burst + [429]
        assert int(answers[-1].headers["Retry-After"]) > 0
        assert GalleryClient(gallery.url, tmp_path, token, gallery.session).post(jpeg("a")).status_code == 201
        assert gallery.post(jpeg("b")).status_code == 429, "a short token might be guessed in this way"


def test_many_wrong_passwords_are_answered_429_and_then_the_right_one_is_too(tmp_path: Path) -> None:
    protect(tmp_path)
    token = add_token(str(tmp_path), "camera-room")
    with running_gallery(tmp_path, openness=Openness()) as gallery:
        statuses = [log_in(gallery.url, "open-sesame-wrong").status_code for _ in range(PER_ADDRESS.burst)]
        assert statuses == [401] * PER_ADDRESS.burst
        refused = log_in(gallery.url)
        assert (refused.status_code, int(refused.headers["Retry-After"]) > 0) == (429, True)
        assert "Too many wrong passwords" in refused.text
        assert log_in(gallery.url, token).status_code == 303, "a random token cannot be guessed"
        assert GalleryClient(gallery.url, tmp_path, token, gallery.session).post(jpeg("a")).status_code == 201


def test_behind_a_proxy_each_visitor_has_a_limit_of_their_own(tmp_path: Path) -> None:
    protect(tmp_path)
    policy = AccessPolicy(OwnSite("https://photos.example"), AccessFile(str(tmp_path)), is_local=False)

    def visitor(forwarded_for: str) -> Asked:
        return Asked("POST", "/login", "127.0.0.1", forwarded_for=forwarded_for)

    for number in range(PER_ADDRESS.burst):  # what the visitor wrote stands before what the proxy adds
        with pytest.raises(RequestRefused, match="neither"):
            policy.log_in("open-sesame-wrong", visitor(f"10.0.0.{number}, 192.0.2.1"))
    with pytest.raises(RequestRefused, match="too many"):
        policy.log_in(PASSWORD, visitor("10.0.0.99, 192.0.2.1"))
    assert policy.log_in(PASSWORD, visitor("192.0.2.2"))


def test_without_a_proxy_nobody_chooses_their_address(tmp_path: Path) -> None:
    assert OwnSite().client_address(Asked("GET", "/", "192.0.2.1", forwarded_for="10.0.0.1")) == "192.0.2.1"


def test_only_a_few_passwords_are_checked_at_once(tmp_path: Path) -> None:
    protect(tmp_path)
    policy = AccessPolicy(OwnSite(), AccessFile(str(tmp_path)), is_local=True)
    login = Asked("POST", "/login", "127.0.0.1")
    with ExitStack() as held:
        for _ in range(2):
            held.enter_context(policy._checking)
        with pytest.raises(RequestRefused, match="somebody else"):
            policy.log_in(PASSWORD, login)
    assert policy.log_in(PASSWORD, login)


@pytest.fixture
def club(tmp_path: Path) -> Iterator[GalleryClient]:
    protect(tmp_path)
    with running_gallery(tmp_path, "s3cret", openness=Openness()) as gallery:
        yield gallery


TOKEN = "Authorization: Bearer s3cret"
REFUSED_AT_ONCE = {
    "nobody": ("POST /api/photos", [], 401),
    "wrong token": ("POST /api/photos", ["Authorization: Bearer t0ken"], 401),
    "wrong host": ("POST /api/photos", [TOKEN, "Host: evil.example"], 421),
    "wrong origin": ("POST /api/photos", [TOKEN, "Origin: https://evil.example"], 403),
    "other site": ("POST /api/photos", [TOKEN, "Sec-Fetch-Site: cross-site"], 403),
    "get": ("GET /api/photos", [TOKEN], 413),
    "delete": ("DELETE /api/photos/1", [TOKEN], 413),
    "delete without a right": ("DELETE /api/photos/1", [], 401),
    "elsewhere": ("POST /api/nope", [TOKEN], 413),
    "login": ("POST /login", [], 413),
    "logout": ("POST /logout", [], 413),
}


@pytest.mark.parametrize("case", REFUSED_AT_ONCE)
def test_a_body_that_is_not_wanted_is_refused_when_the_header_is_there(club: GalleryClient, case: str) -> None:
    line, headers, status = REFUSED_AT_ONCE[case]
    with RawConnection(club.url) as connection:
        assert connection.request(line, *headers, "Content-Length: 150000000").status() == status
    assert not list((club.folder / ".photopipe" / "incoming").iterdir())


def test_one_who_may_only_look_is_refused_at_once_too(club: GalleryClient) -> None:
    cookie = f"Cookie: photopipe_session={session_cookie(log_in(club.url))['photopipe_session']}"
    with RawConnection(club.url) as connection:
        assert connection.request("POST /api/photos", cookie, "Content-Length: 1000").status() == 403


def test_too_large_a_body_is_refused_when_the_header_is_there(club: GalleryClient) -> None:
    with RawConnection(club.url) as connection:
        assert connection.request("POST /api/photos", TOKEN, "Content-Length: 201000001").status() == 413


def test_a_body_of_unknown_length_is_refused_when_it_passes_the_limit(club: GalleryClient) -> None:
    with RawConnection(club.url) as connection:
        connection.request("POST /login", "Transfer-Encoding: chunked")
        chunk = b"7d0\r\n" + b"x" * 2000 + b"\r\n"
        assert connection.send(chunk * 6).status() == 413
        connection.rest()


def test_what_follows_a_body_that_was_refused_is_answered(club: GalleryClient) -> None:
    with RawConnection(club.url) as connection:
        connection.request("POST /api/photos", "Content-Length: 300000").send(b"GET / HTTP/1.1\r\n\r\n".ljust(300_000))
        connection.request("GET /api/health", "Connection: close")
        assert connection.statuses() == [401, 200]


def dribble_a_header(connection: RawConnection) -> None:
    connection.send(b"GET / HTTP/1.1\r\nX-Slow: ")


def dribble_a_body(connection: RawConnection) -> None:
    connection.request("POST /api/photos", "Content-Length: 100000").send(b"x")


def dribble_a_refused_body(connection: RawConnection) -> None:
    assert connection.request("POST /api/nope", "Content-Length: 100000").status() == 413


def say_nothing(connection: RawConnection) -> None:
    pass


def ask_and_say_nothing(connection: RawConnection) -> None:
    assert connection.request("GET /api/health").status() == 200


@pytest.mark.parametrize(
    "dawdle", [dribble_a_header, dribble_a_body, dribble_a_refused_body, say_nothing, ask_and_say_nothing]
)
def test_a_client_that_dawdles_is_left(tmp_path: Path, dawdle: Callable[[RawConnection], None]) -> None:
    with running_gallery(tmp_path, patience=IMPATIENT) as gallery, RawConnection(gallery.url) as connection:
        dawdle(connection)
        within_deadline(connection.rest)


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
def test_a_client_that_does_not_read_its_answer_is_left(tmp_path: Path) -> None:
    with running_gallery(tmp_path, patience=IMPATIENT) as gallery:
        assert gallery.post(jpeg("a") + bytes(8_000_000)).status_code == 201
        gallery.session.close()
        with RawConnection(gallery.url, receive_bytes=4096) as connection:
            connection.request("GET /photos/2025/10/IMG_0042.jpg").status()
            until(lambda: not is_open_at_the_server(gallery))


def is_open_at_the_server(gallery: GalleryClient) -> bool:
    """True if a connection is established there, whatever the client's end makes of it. Source: proc_net_tcp.txt."""
    port = f":{int(gallery.url.rpartition(':')[2]):04X}"
    lines = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    return any(local.endswith(port) and state == "01" for _, local, _, state, *_ in lines)


def test_one_that_is_slow_but_steady_is_left_alone() -> None:
    patience = Patience()
    pace = Pace(patience, 0.0, 0)
    steady = [pace.is_too_slow(now_s, int(now_s * 1100)) for now_s in range(0, 600, 5)]
    assert not any(steady)
    assert not pace.is_too_slow(600.0, 600 * 1100)
    assert not pace.is_too_slow(659.0, 600 * 1100 + 1)
    assert pace.is_too_slow(660.0, 600 * 1100 + 59_999)


def test_idle_connections_keep_nobody_out(tmp_path: Path) -> None:
    with running_gallery(tmp_path, patience=Patience(most_connections=20)) as gallery, ExitStack() as stack:
        idle = [stack.enter_context(RawConnection(gallery.url)) for _ in range(60)]
        for connection in idle[::2]:
            connection.send(b"GET / HT")
        assert requests.get(f"{gallery.url}/api/health", timeout=DEADLINE_S).status_code == 200
        assert within_deadline(idle[0].rest) == b"", "the one that has waited longest is closed"


def test_one_that_is_sending_is_not_closed_for_others(tmp_path: Path) -> None:
    body = (
        b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.jpg"\r\n\r\n' + jpeg("a") + b"\r\n--b--\r\n"
    )
    with running_gallery(tmp_path, patience=Patience(most_connections=5)) as gallery, ExitStack() as stack:
        sender = stack.enter_context(RawConnection(gallery.url))
        sender.request(
            "POST /api/photos", "Content-Type: multipart/form-data; boundary=b", f"Content-Length: {len(body)}"
        )
        sender.send(body[:50])
        assert gallery.get("/api/health").status_code == 200  # its first bytes have been read by now
        for _ in range(30):
            stack.enter_context(RawConnection(gallery.url))
        assert gallery.get("/api/health").status_code == 200
        assert sender.send(body[50:]).status() == 201


def test_few_requests_are_taken_in_advance(gallery: GalleryClient) -> None:
    with RawConnection(gallery.url) as connection:
        connection.send(f"GET /api/health HTTP/1.1\r\nHost: {connection.host}\r\n\r\n".encode() * 50)
        assert within_deadline(connection.statuses) == [200, 200, 200, 200, 429]


def test_a_huge_header_is_refused(gallery: GalleryClient) -> None:
    with RawConnection(gallery.url) as connection:
        assert connection.request("GET /", f"X-Large: {'x' * 40_000}").status() == 431
        connection.rest()


def test_a_form_of_very_many_parts_is_refused(gallery: GalleryClient) -> None:
    answer = gallery.session.post(
        f"{gallery.url}/api/photos",
        files=[(f"field{number}", (None, "x")) for number in range(2000)] + [("file", ("a.jpg", jpeg("a")))],
        timeout=DEADLINE_S,
    )
    assert answer.status_code == 413
    assert gallery.photos() == []


def test_a_field_of_many_bytes_is_refused(gallery: GalleryClient) -> None:
    assert gallery.post(jpeg("a"), album="x" * 600_000).status_code == 413
    assert gallery.photos() == []


def test_a_client_that_leaves_in_the_middle_leaves_nothing_behind(gallery: GalleryClient) -> None:
    with RawConnection(gallery.url) as connection:
        connection.request("POST /api/photos", "Content-Length: 100000").send(bytes(50_000))
    assert gallery.get("/api/health").status_code == 200
    assert not list((gallery.folder / ".photopipe" / "incoming").iterdir())


def test_a_wait_is_not_a_busy_one(tmp_path: Path) -> None:
    """Idle connections cost the server no more than a look at them now and then."""
    with running_gallery(tmp_path, patience=Patience(look_every_s=0.1)) as gallery, RawConnection(gallery.url):
        before_s = time.process_time()
        with socket.create_server(("127.0.0.1", 0)) as silent:
            silent.settimeout(0.3)
            with pytest.raises(TimeoutError):
                silent.accept()
        assert time.process_time() - before_s < 0.1
