"""What every page of ours is sent with: no script, style or image from elsewhere."""


def page_headers(style_nonce: str | None = None) -> dict[str, str]:
    """``style_nonce``: style elements that scripts add are taken with it; without it none are."""
    styles = "'self'" if style_nonce is None else f"'self' 'nonce-{style_nonce}'"
    policy = (
        f"default-src 'none'; script-src 'self'; style-src {styles}; connect-src 'self'; "
        "img-src data:; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    )
    return {
        "Content-Security-Policy": policy,
        "X-Content-Type-Options": "nosniff",
        # With "no-referrer" browsers send the forms of a page as if they came from nowhere.
        "Referrer-Policy": "same-origin",
        "Cache-Control": "no-cache",
    }


HEADERS = page_headers()
