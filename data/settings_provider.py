"""What a deployment may set of a provider of identities (OpenID Connect); off unless its issuer is set."""

from __future__ import annotations

from pathlib import Path  # noqa: TC003 - the fields are made of it at run time
from typing import Final
from urllib.parse import urlsplit

from pydantic import Field, model_validator
from pydantic_settings import BaseSettings

LOOPBACK: Final = frozenset({"127.0.0.1", "localhost", "::1"})
"""Hosts that may be asked without TLS: what is said to them leaves no machine."""
NEEDED: Final = ("oidc_issuer", "oidc_client_id", "oidc_client_secret_file", "oidc_public_url")


class ProviderSettings(BaseSettings):
    """The settings of the second way in; each name is `ANLAN_<NAME>` in the environment."""

    oidc_issuer: str | None = Field(
        default=None,
        description="Issuer of the provider of identities (OpenID Connect), exactly as its discovery "
        "document names it; absent: sign-in by password alone. The four settings `ANLAN_OIDC_ISSUER`, "
        "`…_CLIENT_ID`, `…_CLIENT_SECRET_FILE` and `…_PUBLIC_URL` belong together.",
    )
    oidc_client_id: str | None = Field(
        default=None, description="What the provider calls this program (`client_id`)."
    )
    oidc_client_secret_file: Path | None = Field(
        default=None,
        description="File with the secret that the provider gave this program; for the program's user only.",
    )
    oidc_public_url: str | None = Field(
        default=None,
        description="Origin by which browsers reach this program, such as `https://anlan.example.gov.cn`; "
        "`/signin/oidc/callback` under it is registered at the provider.",
    )
    oidc_claim: str = Field(
        default="sub",
        pattern=r"^[A-Za-z0-9_.:/-]{1,64}$",
        description="Claim of the ID token that names the person; never one that passes to another person.",
    )
    oidc_label: str = Field(
        default="统一身份认证登录", min_length=1, max_length=24, description="What its button says."
    )
    oidc_factor_values: str = Field(
        default="",
        pattern=r"^[!-~ ]*$",
        description="Values of `acr` or `amr`, apart by spaces, by which the provider proves a second factor "
        "that counts here; none: the door asks for its own, whatever the provider says.",
    )

    @model_validator(mode="after")
    def _a_provider_is_set_whole_and_asked_by_https(self) -> ProviderSettings:
        missing = [name for name in NEEDED if getattr(self, name) is None]
        if missing and len(missing) < len(NEEDED):
            listed = "、".join(f"ANLAN_{name.upper()}" for name in missing)
            raise ValueError(f"统一身份认证的四项设置须一并填写，还缺 {listed}；不启用时请四项都不填")
        for name in ("oidc_issuer", "oidc_public_url"):
            given = getattr(self, name)
            if given is not None and not is_safe(given):
                raise ValueError(f"ANLAN_{name.upper()} 须以 https:// 开头，不含 ? 和 #：{given[:80]}")
        if self.oidc_public_url is not None and urlsplit(self.oidc_public_url).path not in {"", "/"}:
            raise ValueError(
                "ANLAN_OIDC_PUBLIC_URL 只写到主机（和端口）为止，如 https://anlan.example.gov.cn"
            )
        return self

    @property
    def oidc(self) -> bool:
        """Whether there is a provider of identities."""
        return self.oidc_issuer is not None

    @property
    def oidc_origin(self) -> str:
        """The origin by which browsers reach this program, as they write it: no slash, no usual port."""
        origin = (self.oidc_public_url or "").rstrip("/")
        return origin.removesuffix(":443" if origin.startswith("https:") else ":80")


def is_safe(address: str, *, query: bool = False) -> bool:
    """Return whether an address names a host that is asked by HTTPS, or this very machine; a query if let."""
    try:
        parts = urlsplit(address)
        host, _ = parts.hostname, parts.port
    except ValueError:
        return False
    private = parts.scheme == "https" or (parts.scheme == "http" and host in LOOPBACK)
    written = address.isascii() and address.isprintable() and not set(address) & set(' "<>\\^`{|}')
    bare = not parts.fragment and "@" not in parts.netloc and (query or not parts.query)
    return bool(host) and private and written and bare
