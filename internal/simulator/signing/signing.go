// Package signing has what the signatures of the simulated clouds have in
// common: hashes, and the text of a request that is signed. It makes the numbers and
// UUIDs that a cloud gives to names, too, which are hashes of them. Which headers must
// be signed, how a key is derived and what a wrong signature is answered with
// is left to the packages of the clouds.
//
// It shares no code with the drivers of the provider, so that the two check
// each other.
package signing

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"fmt"
	"math/big"
	"strings"
)

// Hash returns the SHA-256 of data in lower-case hexadecimal digits.
func Hash(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}

// HMAC returns the HMAC-SHA256 of a text.
func HMAC(key []byte, text string) []byte {
	h := hmac.New(sha256.New, key)
	h.Write([]byte(text))
	return h.Sum(nil)
}

// HexHMAC is HMAC in lower-case hexadecimal digits.
func HexHMAC(key []byte, text string) string { return hex.EncodeToString(HMAC(key, text)) }

// Derive makes a key from a secret by the HMAC of one part after the other,
// each with the result of the part before it as its key.
func Derive(secret string, parts ...string) []byte {
	key := []byte(secret)
	for _, part := range parts {
		key = HMAC(key, part)
	}
	return key
}

// Number returns a number of a length, in decimal digits, that a name keeps.
func Number(name string, digits int) string {
	sum := sha256.Sum256([]byte(name))
	n := new(big.Int).SetBytes(sum[:])
	n.Mod(n, new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(digits)), nil))
	return fmt.Sprintf("%0*d", digits, n)
}

// UUID returns one that a name keeps.
func UUID(name string) string {
	sum := Hash([]byte(name))
	return sum[0:8] + "-" + sum[8:12] + "-" + sum[12:16] + "-" + sum[16:20] + "-" + sum[20:32]
}

// Equal compares two texts in a time that does not tell where they differ.
func Equal(a, b string) bool { return subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1 }

// Request is what of a request is signed.
type Request struct {
	Method string
	// Path is as it is signed, which is not always the path of the URL.
	Path string
	// Query is in the canonical form of the cloud.
	Query string
	// Signed are the names of the signed headers, in lower case and in the order
	// in which the request lists them.
	Signed []string
	// Value returns the value of a signed header. Space around it is not signed.
	Value func(name string) string
	// Payload is the hash of the body, or the text that stands for it.
	Payload string
}

// Canonical returns the text whose hash is signed. All of the clouds that
// derive their signatures from that of AWS build it in this order.
func (r Request) Canonical() string {
	var headers strings.Builder
	for _, name := range r.Signed {
		headers.WriteString(name + ":" + strings.TrimSpace(r.Value(name)) + "\n")
	}
	return strings.Join([]string{
		r.Method, r.Path, r.Query, headers.String(), strings.Join(r.Signed, ";"), r.Payload,
	}, "\n")
}
