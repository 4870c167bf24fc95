# report NAME [JSON] tells the host something. The empty line ends what may have been half-written before a reset.
report() { printf '\n{"report":"%s","value":%s}\n' "$1" "${2:-null}" >&3; }
