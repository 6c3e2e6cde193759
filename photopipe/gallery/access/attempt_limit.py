"""How often somebody may be wrong: a limit for each address, and one for all together."""

import ipaddress
import math
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from photopipe.gallery.store.request_refused import RequestRefused

MAX_ADDRESSES: Final = 10_000


@dataclass(frozen=True, slots=True)
class Allowance:
    """How many failures are allowed.

    Attributes:
        burst: at once.
        refill_s: until one more is.
    """

    burst: int
    refill_s: float


PER_ADDRESS: Final = Allowance(burst=10, refill_s=20.0)
OVERALL: Final = Allowance(burst=100, refill_s=2.0)


class _Bucket:
    """What is left of an allowance."""

    def __init__(self, allowance: Allowance, now_s: float) -> None:
        self._allowance = allowance
        self._left = float(allowance.burst)
        self._since_s = now_s

    def wait_s(self, now_s: float) -> float:
        """How long until one more failure is allowed; 0 if it is now."""
        gained = (now_s - self._since_s) / self._allowance.refill_s
        self._left = min(float(self._allowance.burst), self._left + gained)
        self._since_s = now_s
        return max(0.0, (1.0 - self._left) * self._allowance.refill_s)

    def charge(self) -> None:
        self._left = max(0.0, self._left - 1.0)


class AttemptLimit:
    """Slows down guessing. Only failures count.

    The limit for all together is for guesses from many addresses. The addresses that failed last are remembered, a
    bounded number.

    Args:
        per_address: what one address may do.
        overall: what all of them may do together.
        clock: seconds, monotonic.
    """

    def __init__(
        self,
        per_address: Allowance = PER_ADDRESS,
        overall: Allowance = OVERALL,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._per_address = per_address
        self._clock = clock
        self._lock = threading.Lock()
        self._overall = _Bucket(overall, clock())
        self._buckets: OrderedDict[str, _Bucket] = OrderedDict()

    def check(self, address: str) -> None:
        """Refuse one who has been wrong too often.

        Raises:
            RequestRefused: 429, with the time after which to try again.
        """
        with self._lock:
            now_s = self._clock()
            own = self._buckets.get(network_of(address))
            wait_s = max(self._overall.wait_s(now_s), own.wait_s(now_s) if own else 0.0)
        if wait_s > 0:
            retry_s = math.ceil(wait_s)
            message = f"too many wrong passwords or tokens; try again in {retry_s} s"
            raise RequestRefused(429, message, "too_many_failures", {"Retry-After": str(retry_s)})

    def record_failure(self, address: str) -> None:
        """Count a failure."""
        network = network_of(address)
        with self._lock:
            now_s = self._clock()
            bucket = self._buckets.pop(network, None) or _Bucket(self._per_address, now_s)
            self._buckets[network] = bucket
            for one in (bucket, self._overall):
                one.wait_s(now_s)
                one.charge()
            if len(self._buckets) > MAX_ADDRESSES:
                self._buckets.popitem(last=False)


def network_of(address: str) -> str:
    """What counts as one address: with IPv6 the first 64 bits, because everybody has all the addresses behind them."""
    try:
        ip = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if isinstance(ip, ipaddress.IPv4Address):
        return str(ip)
    if ip.ipv4_mapped is not None:
        return str(ip.ipv4_mapped)
    return str(ipaddress.ip_network((ip, 64), strict=False))
