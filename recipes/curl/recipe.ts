import { autotools, recipe } from "../../src/recipe/mod.ts";
import nghttp2 from "../nghttp2/recipe.ts";
import openssl from "../openssl/recipe.ts";
import zlib from "../zlib/recipe.ts";
import zstd from "../zstd/recipe.ts";

/** Where the root tree has a link to the bundle of recipes/ca-certificates. */
const authorities = "/etc/ssl/certs/ca-certificates.crt";

/** Protocols other than HTTP, HTTPS and file, and parts that a machine without people at it has no use for. */
const without = "dict ftp gopher imap ipfs ldap ldaps mqtt pop3 rtsp smb smtp telnet tftp websockets";
const parts = "docs libcurl-option manual ntlm";
const libraries = "brotli libgsasl libidn2 libpsl libssh libssh2 nghttp3 ngtcp2";

/** One HTTPS server with HTTP/2, which python does not have: as much of it as one request takes. */
const server = `import socket, ssl, subprocess

def certificate(name):
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
        "-not_before", "20000101000000Z", "-not_after", "20491231235959Z", "-keyout", name + ".key",
        "-out", name + ".pem", "-subj", "/CN=" + name, "-addext", "subjectAltName=IP:127.0.0.1"],
        check=True, stderr=subprocess.DEVNULL)

def frame(kind, flags, stream, body=b""):
    return len(body).to_bytes(3, "big") + bytes([kind, flags]) + stream.to_bytes(4, "big") + body

# RFC 9113: preface, settings (4) and their acknowledgement, request headers (1) to response headers and data (0).
def answer(connection):
    with context.wrap_socket(connection, server_side=True) as peer:
        request = peer.makefile("rb")
        request.read(24)
        peer.sendall(frame(4, 0, 0))
        while head := request.read(9):
            kind, flags, stream = head[3], head[4], int.from_bytes(head[5:9], "big")
            request.read(int.from_bytes(head[:3], "big"))
            if kind == 4 and not flags:
                peer.sendall(frame(4, 1, 0))
            if kind == 1:
                # RFC 7541: 8 is ":status: 200", 15 + 11 is "content-encoding".
                peer.sendall(frame(1, 4, stream, b"\\x88\\x0f\\x0b\\x04zstd") + frame(0, 1, stream, packed))

def fetch(authority):
    url = "https://127.0.0.1:%d/" % listener.getsockname()[1]
    curl = subprocess.Popen(["/sysroot/usr/bin/curl", "-sS", "-m", "30", "-u", "name:secret", "--tlsv1.3", "--compressed",
        "--cacert", authority, "-w", "%{http_version}", url], stdout=subprocess.PIPE, text=True)
    connection = listener.accept()[0]
    with open("/proc/%d/cmdline" % curl.pid) as words:
        assert "secret" not in words.read(), "The password is in the list of processes"
    try:
        answer(connection)
    except OSError:
        pass
    output = curl.communicate()[0]
    return curl.returncode, output

certificate("server")
certificate("stranger")
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.minimum_version = ssl.TLSVersion.TLSv1_3
context.load_cert_chain("server.pem", "server.key")
context.set_alpn_protocols(["h2"])
listener = socket.create_server(("127.0.0.1", 0))
listener.settimeout(30)
packed = subprocess.run(["zstd", "-qc"], input=b"hello ", stdout=subprocess.PIPE, check=True).stdout

good, bad = fetch("server.pem"), fetch("stranger.pem")
assert good == (0, "hello 2"), good
assert bad[0] == 60, bad
`;

export default recipe({
  name: "curl",
  summary: "HTTP client: libcurl and curl",
  needs: { libs: [nghttp2, openssl, zlib, zstd] },
  build: autotools({
    static: true,
    configure: [
      "--with-nghttp2",
      "--with-openssl",
      "--with-zlib",
      "--with-zstd",
      `--with-ca-bundle=${authorities}`,
      "--without-ca-path",
      ...`${without} ${parts}`.split(" ").map((part) => `--disable-${part}`),
      ...libraries.split(" ").map((name) => `--without-${name}`),
    ],
    // Found by running a program, so never found here; without it passwords stay in the list of processes.
    env: { CPPFLAGS: "-DHAVE_WRITABLE_ARGV=1" },
    after: "rm -f /out/usr/bin/curl-config /out/usr/bin/wcurl",
  }),
  test: ({ version }) => `curl=/sysroot/usr/bin/curl
$curl --version > version
grep "^curl ${version} .* libcurl/${version} OpenSSL/.* zlib/.* zstd/.* nghttp2/" version > /dev/null
grep '^Protocols: file http https *$' version > /dev/null
for feature in HTTP2 HTTPS-proxy IPv6 SSL UnixSockets libz zstd; do grep "^Features:.* $feature\\b" version > /dev/null; done
grep -F ${authorities} /sysroot/usr/lib/libcurl.so.4 > /dev/null
$curl -sS "file://$PWD/version" | cmp - version
cat > test.c <<'END'
#include <curl/curl.h>
int main(int count, char **words) {
  int wanted = CURL_VERSION_SSL | CURL_VERSION_HTTP2 | CURL_VERSION_LIBZ | CURL_VERSION_ZSTD;
  CURL *curl = curl_easy_init();
  if (count != 2 || !curl || (curl_version_info(CURLVERSION_NOW)->features & wanted) != wanted) return 1;
  return curl_easy_setopt(curl, CURLOPT_URL, words[1]) || curl_easy_perform(curl);
}
END
$CC -static -o static test.c $(pkg-config --static --cflags --libs libcurl)
./static "file://$PWD/version" | cmp - version
cat > server.py <<'END'
${server}END
python3 server.py
`,
});
