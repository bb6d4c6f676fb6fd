"""What a failure means, read from all that a server says: status, code, type, message, finish word.

Servers and gateways disagree about statuses (a wrong key is 401, 400 or an error inside a 200), so the status alone
decides only where nothing else speaks. The tables are of words that providers document or were seen to send.
"""

from __future__ import annotations

import math
import re
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import Any, Literal

from proofgrid.errors import ProofGridError

FailureKind = Literal[
    "rate_limited",  # too many requests; another time will do
    "overloaded",  # the server's own trouble
    "interrupted",  # an answer was begun, and the server says that it could not finish it
    "timeout",
    "connection",  # refused, reset, cut mid-body
    "bad_response",  # not JSON, or JSON of another shape
    "bad_request",  # this request, not the server
    "context_length",  # the prompt, with the answer's bound, is longer than the model's window
    "refused",  # the provider's filter turned the prompt away: an outcome, not an error
    "quota",  # no credit is left
    "unauthorized",  # the key is missing, wrong, or not allowed to do this
    "not_found",  # no such model or path
]

RETRIED: frozenset[FailureKind] = frozenset(
    {"rate_limited", "overloaded", "interrupted", "timeout", "connection", "bad_response"}
)
"""Failures of a kind that another try can mend."""


def _words_of(text: str) -> frozenset[str]:
    return frozenset(text.split())


BROKEN_OFF = _words_of(
    "error abort aborted cancelled canceled failed interrupted network_error timeout "
    "insufficient_system_resource server_error internal_error internal_server_error "
    "engine_error overloaded overloaded_error service_unavailable upstream_error "
    "provider_error unavailable"
)
"""Finish words (lower case) of an answer that the server did not finish: asked again, never judged."""


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens that a server counted; None where it did not say."""

    prompt: int | None = None
    completion: int | None = None
    reasoning: int | None = None
    cached: int = 0
    written: int = 0
    """Of the prompt, tokens written to a cache (dearer with some providers)."""


class RequestFailed(ProofGridError):
    """One try came to nothing. ``retry_after`` is in seconds, as the server asked; the message holds no secret."""

    def __init__(
        self,
        kind: FailureKind,
        message: str,
        *,
        retry: bool | None = None,
        retry_after: float | None = None,
        throttle: bool | None = None,
        billed: bool = False,
        usage: Usage | None = None,
        status: int | None = None,
    ) -> None:
        super().__init__(message)
        self.kind = kind
        self.status = status
        """The HTTP status, if there was one that says failure."""
        self.retry = kind in RETRIED if retry is None else retry
        self.retry_after = retry_after
        self.throttle = kind == "rate_limited" if throttle is None else throttle
        """Whether the server asks for fewer requests."""
        self.billed = billed or usage is not None
        """Whether the try may have been charged for: the model had begun to answer."""
        self.usage = usage
        """What it used, if the server said so."""


_WORDS: tuple[tuple[FailureKind, frozenset[str]], ...] = (
    (
        "quota",
        _words_of(
            "insufficient_quota billing_hard_limit_reached billing_not_active insufficient_balance "
            "insufficient_credits payment_required insufficient_funds credit_limit_exceeded "
            "billing_error account_deactivated arrearage quota_exhausted"
        ),
    ),
    (
        "refused",
        _words_of(
            "content_filter content_filtered content_policy_violation responsibleaipolicyviolation "
            "sensitive moderation moderation_blocked data_inspection_failed datainspectionfailed "
            "safety safety_error prohibited_content contentfilter content_moderation 1301"
        ),
    ),
    (
        "context_length",
        _words_of(
            "context_length_exceeded context_window_exceeded model_context_window_exceeded "
            "string_above_max_length request_too_large exceed_context_size_error prompt_too_long "
            "contextwindowexceedederror max_tokens_exceeded 1261"
        ),
    ),
    (
        "unauthorized",
        _words_of(
            "invalid_api_key incorrect_api_key authentication_error invalid_authentication "
            "auth_error unauthenticated unauthorized invalid_token authenticationerror "
            "account_suspended token_not_found_in_db expired_key api_key_expired missing_api_key"
        ),
    ),
    (
        "not_found",
        frozenset(("model_not_found", "not_found_error", "not_found", "model_not_available", "modelnotfound")),
    ),
    (
        "rate_limited",
        _words_of(
            "rate_limit_exceeded rate_limit_error too_many_requests resource_exhausted throttled "
            "throttling throttlingexception rate_limited requests ratelimiterror tokens"
        ),
    ),
    (
        "overloaded",
        _words_of(
            "overloaded_error overloaded engine_overloaded engine_overloaded_error server_error "
            "api_error internal_error internal_server_error service_unavailable unavailable "
            "internal server_overloaded bad_gateway upstream_error provider_error no_capacity "
            "model_overloaded serviceunavailableerror internalservererror "
            "insufficient_system_resource"
        ),
    ),
    ("timeout", frozenset(("timeout", "timeout_error", "gateway_timeout", "request_timeout", "deadline_exceeded"))),
)
"""Words of an error's ``code``, ``type`` or ``status``, lower case; the first kind that knows one is meant."""

_SAYINGS: tuple[tuple[FailureKind, re.Pattern[str]], ...] = (
    (
        "quota",
        re.compile(
            r"credit balance is too low|insufficient (?:balance|credits?|funds|quota)|out of credits?\b|"
            r"(?:no|not enough) credits?\b|billing hard limit|account is (?:not active|past due|in arrears)",
            re.IGNORECASE,
        ),
    ),
    (
        "refused",
        re.compile(
            r"content (?:management |usage )?polic(?:y|ies)|content filter|(?:flagged|blocked) (?:by|as|for|due to) .*"
            r"(?:moderation|safety|polic|harm|sensitive|filter)|requires moderation|usage polic(?:y|ies)|"
            r"(?:input|prompt|content).{0,40}(?:sensitive|inappropriate|unsafe) content|data inspection failed",
            re.IGNORECASE,
        ),
    ),
    (
        "context_length",
        re.compile(
            r"maximum context length|context (?:window|length|size).{0,40}(?:exceed|long|limit)|"
            r"exceed\w*.{0,40}(?:context (?:window|length|size|limit)|maximum (?:number of )?(?:input )?tokens|"
            r"model'?s? (?:input|context))|prompt (?:is )?too long|input (?:is )?too long|max_model_len|"
            r"(?:prompt|input|message\w*) (?:contains|has) .{0,30}tokens.{0,60}(?:only|maximum|limit|at most)|"
            r"reduce the length of (?:the|your) (?:messages|prompt|input)|range of input length should be|"
            r"longer than the (?:maximum )?(?:model|context|input)|too many (?:input |prompt )?tokens in",
            re.IGNORECASE,
        ),
    ),
    (
        "unauthorized",
        re.compile(
            r"(?:invalid|incorrect|missing|wrong|malformed|expired|revoked|bad|no) (?:api[ _-]?key|proxy server token|"
            r"access token|credentials|api[ _-]?token)|api[ _-]?key (?:is )?(?:not valid|invalid|missing|expired)|"
            r"authentication ?(?:error|failed|required)|no api key passed|unauthenticated",
            re.IGNORECASE,
        ),
    ),
    (
        "not_found",
        re.compile(
            r"invalid model name|(?:no such|unknown|unsupported|invalid) model\b|model_not_found|"
            r"model\b.{0,120}\b(?:does not exist|not found|is not (?:found|available|supported|a valid)|not exist)|"
            r"is not a valid model(?: id)?",
            re.IGNORECASE,
        ),
    ),
    ("rate_limited", re.compile(r"rate[ _-]?limit|too many requests", re.IGNORECASE)),
    (
        "overloaded",
        re.compile(
            r"overloaded|temporarily unavailable|(?:at|over|no) capacity|try again later|currently loading", re.I
        ),
    ),
)
"""What messages say where codes say nothing; only read for statuses that could mean it."""

_STATUS: dict[int, FailureKind] = {
    401: "unauthorized",
    402: "quota",
    403: "unauthorized",
    404: "not_found",
    405: "not_found",
    408: "timeout",
    409: "overloaded",
    410: "not_found",
    413: "context_length",
    425: "overloaded",
    429: "rate_limited",
    451: "refused",
    499: "connection",
    504: "timeout",
    524: "timeout",
}
_TOO_LARGE_AT_ONCE = re.compile(r"request too large|(?:requested|need) .{0,20}tokens? .{0,40}(?:tpm|per minute)", re.I)


def kind_of(status: int | None, error: Any) -> FailureKind:
    """What an error object (of any shape) with an HTTP status means. Inside a 200, ``status`` is None."""
    words = set(_words(error))
    numbers = [int(word) for word in words if word.isascii() and word.isdigit() and 400 <= int(word[:4]) < 600]
    if status is None and numbers:
        status = numbers[0]
    message = message_of(error)
    for kind, known in _WORDS:
        if words & known and _may_mean(kind, status):
            return kind
    if status == 402:
        return "quota"
    for kind, saying in _SAYINGS:
        if _may_mean(kind, status) and saying.search(message):
            return kind
    if status is None:
        return "overloaded"
    if status in _STATUS:
        return _STATUS[status]
    return "overloaded" if status >= 500 else "bad_request"


def _may_mean(kind: FailureKind, status: int | None) -> bool:
    """Whether a status leaves room for a kind: a 500 says nothing of prompts, a 401 is about keys."""
    if status is None:
        return True
    if kind in ("overloaded", "timeout"):
        return status >= 500 or status in (400, 408, 409, 424, 425, 429)
    if kind == "rate_limited":
        return status in (400, 403, 429, 503)
    if kind == "quota":
        return status in (400, 402, 403, 429)
    if kind == "refused":
        return status in (400, 403, 422, 451)
    if kind == "context_length":
        return status in (400, 413, 422) or status >= 500
    if kind == "unauthorized":
        return status in (400, 401, 403)
    return 400 <= status < 500


def failure_of(
    status: int | None,
    error: Any,
    said: str,
    *,
    headers: Mapping[str, str] | None = None,
    usage: Usage | None = None,
    begun: bool = False,
) -> RequestFailed:
    """The failure that an error means. ``said`` is what to quote of it, cleaned of secrets; ``begun``: the answer had
    begun, so that it may be charged for."""
    kind = kind_of(status, error)
    where = f"HTTP {status}" if status is not None else "the server answered with an error inside"
    # More than the limit of a whole minute: no later minute will take it.
    hopeless = kind == "rate_limited" and bool(_TOO_LARGE_AT_ONCE.search(message_of(error)))
    return RequestFailed(
        kind,
        f"{where}: {said}",
        retry=False if hopeless else None,
        retry_after=retry_after(headers or {}),
        throttle=kind == "rate_limited" or status in (503, 529),
        billed=begun,
        usage=usage,
        status=status,
    )


def _words(error: Any, depth: int = 0) -> Iterator[str]:
    """Codes and types of an error object, lower case, wherever gateways put them."""
    if depth > 4:
        return
    if isinstance(error, Mapping):
        for name in ("code", "type", "status", "error_code", "innererror", "error", "detail", "metadata", "reason"):
            value = error.get(name)
            if isinstance(value, Mapping):
                yield from _words(value, depth + 1)
            elif isinstance(value, str | int) and not isinstance(value, bool):
                word = str(value)[:100].strip().lower()
                if name != "detail" and (name != "error" or re.fullmatch(r"[a-z0-9_.-]+", word)):
                    yield word.rpartition(".")[2] if not word.replace(".", "").isdigit() else word
    elif isinstance(error, list):
        for part in error[:3]:
            yield from _words(part, depth + 1)


def message_of(error: Any, depth: int = 0) -> str:
    """The sentence of an error object of any shape; an empty text if there is none."""
    if isinstance(error, str):
        return error
    if depth > 4:
        return ""
    if isinstance(error, Mapping):
        for name in ("message", "error", "detail", "msg", "error_description", "title", "errors"):
            if said := message_of(error.get(name), depth + 1):
                raw = message_of(_nested(error, "metadata", "raw"), depth + 1)  # what a provider behind a gateway said
                return f"{said}: {raw}" if raw and raw not in said else said
        return ""
    if isinstance(error, list):
        return "; ".join(filter(None, (message_of(part, depth + 1) for part in error[:3])))
    return ""


def _nested(value: Any, *names: str) -> Any:
    for name in names:
        value = value.get(name) if isinstance(value, Mapping) else None
    return value


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds from ``retry-after-ms`` or ``Retry-After`` (seconds or a date, RFC 9110 10.2.3); None without one."""
    for name, unit in (("retry-after-ms", 1000.0), ("retry-after", 1.0)):
        value = headers.get(name)
        if value is None:
            continue
        try:
            seconds = float(value) / unit
        except ValueError:
            try:
                seconds = parsedate_to_datetime(value).timestamp() - time.time()
            except (ValueError, TypeError, OverflowError):
                continue
        if math.isfinite(seconds):
            return max(0.0, seconds)
    return None
