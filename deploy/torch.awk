# The lock for another build of torch: the same version, with the hash of that build or with none.
# backend: empty leaves all as it is; sha256: of that build's wheel, where it is known.
/^[A-Za-z0-9]/ { torch = backend != "" && /^torch==/ }
!torch { print; next }
/^torch==/ {
    sub(/ *\\$/, "")
    print (sha256 == "" ? $0 : $0 " --hash=sha256:" sha256)
}
