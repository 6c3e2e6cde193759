"""When and how often a request is made: retry policy, concurrency limit, rate control, circuit breaker.

In: what happened to requests. Out: waits, permits, and the end of a gallery. Read `rate_control.py` first, then
`retry_policy.py` for one photo and `circuit_breaker.py` for all.
"""
