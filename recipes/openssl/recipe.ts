import { recipe, shell } from "../../src/recipe/mod.ts";

/** What nothing here speaks any more, or never did. */
const without =
  "afalgeng apps aria bf camellia cast cmp comp ct docs dtls engine gost idea legacy md4 mdc2 module padlockeng rc2 rc4 rmd160 seed sm2 sm3 sm4 srp ssl3 tests ts whirlpool";

/** The static libraries are made of the shared ones' objects, which serve both: their own rules would compile everything twice. */
export default recipe({
  name: "openssl",
  summary: "Cryptography and TLS: libcrypto and libssl",
  build: shell(
    `perl ./Configure linux-$ARCH --prefix=/usr --libdir=lib --openssldir=/etc/ssl shared ${without.replace(/\w+/g, "no-$&")}
make build_generated
# The library would report the compiler's whole command line, with paths of the build.
perl util/mkbuildinf.pl $TRIPLE-gcc linux-$ARCH > crypto/buildinf.h
make -j$JOBS libcrypto.so libssl.so exporters/libcrypto.pc exporters/libssl.pc exporters/openssl.pc
mkdir -p /out/usr/lib/pkgconfig /out/usr/include/openssl
# Appended, not replaced: two folders have a file of one name.
pack() { find . -name "$2" -o -name "\${3:-$2}" -o -name "\${4:-$2}" | LC_ALL=C sort | xargs $AR qcD $1; }
pack libcrypto.a 'libcrypto-shlib-*.o' 'libcommon-lib-*.o' 'libdefault-lib-*.o'
pack libssl.a 'libssl-shlib-*.o'
cp -P libcrypto.so* libcrypto.a libssl.so* libssl.a /out/usr/lib/
cp exporters/*.pc /out/usr/lib/pkgconfig/
cp include/openssl/*.h /out/usr/include/openssl/`,
  ),
  test: ({ version }) => `cat > test.c <<'END'
#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <stdio.h>
int main(void) {
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned int size;
  SSL_CTX *context = SSL_CTX_new(TLS_client_method());
  if (!context || !SSL_CTX_set_min_proto_version(context, TLS1_3_VERSION)) return 1;
  if (!EVP_Digest("abc", 3, digest, &size, EVP_sha256(), 0) || size != 32 || digest[0] != 0xba || digest[31] != 0xad) return 1;
  puts(OpenSSL_version(OPENSSL_VERSION));
}
END
$CC -Wall -o test test.c $(pkg-config --cflags --libs openssl)
./test | grep "^OpenSSL ${version} " > /dev/null
$CC -static -o static test.c $(pkg-config --static --cflags --libs openssl)
./static | grep "^OpenSSL ${version} " > /dev/null
`,
});
