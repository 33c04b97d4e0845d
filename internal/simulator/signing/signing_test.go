package signing_test

import (
	"encoding/hex"
	"regexp"
	"testing"

	"github.com/instance-power/terraform-provider-instance/internal/simulator/signing"
)

// The values are those of FIPS 180-4 and RFC 4231, and of the worked example of
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
// for a derived key, from which the clouds took over the derivation.
func TestHashesAreThoseOfTheStandards(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ got, want string }{
		"the hash of nothing": {signing.Hash(nil), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
		"the hash of a text": {
			signing.Hash([]byte("abc")), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
		},
		"the HMAC of a text": {
			signing.HexHMAC([]byte("Jefe"), "what do ya want for nothing?"),
			"5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
		},
		"a derived key": {
			hex.EncodeToString(signing.Derive("AWS4wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", "20120215", "us-east-1", "iam",
				"aws4_request")),
			"f4780e2d9f65fa895f9c67b32ce1baf0b0d8a43505a000a1a9e090d414db404d",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if test.got != test.want {
				t.Errorf("got %s, want %s", test.got, test.want)
			}
		})
	}
}

func TestTheCanonicalFormHasEveryPartOnItsLine(t *testing.T) {
	t.Parallel()
	values := map[string]string{"host": "example.test:80", "x-date": "  20260102T030405Z "}
	got := signing.Request{
		Method: "POST", Path: "/", Query: "a=1&b=2", Signed: []string{"host", "x-date"},
		Value: func(name string) string { return values[name] }, Payload: "hash",
	}.Canonical()
	if want := "POST\n/\na=1&b=2\nhost:example.test:80\nx-date:20260102T030405Z\n\nhost;x-date\nhash"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestTextsAreComparedAsAWhole(t *testing.T) {
	t.Parallel()
	if !signing.Equal("abc", "abc") || signing.Equal("abc", "abd") || signing.Equal("abc", "ab") {
		t.Error("equal texts are equal, and others are not")
	}
}

func TestNamesKeepTheirNumbers(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for _, name := range []string{"", "a", "b", "1/operator", "2/operator"} {
		for digits, number := range map[int]string{8: signing.Number(name, 8), 17: signing.Number(name, 17)} {
			if !regexp.MustCompile(`^[0-9]+$`).MatchString(number) || len(number) != digits {
				t.Errorf("the number of %q is %q, want %d digits", name, number, digits)
			}
			if number != signing.Number(name, digits) || seen[number] {
				t.Errorf("the number of %q is %q, which it does not keep, or which another one has", name, number)
			}
			seen[number] = true
		}
		form := regexp.MustCompile(`^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$`)
		if id := signing.UUID(name); !form.MatchString(id) || id != signing.UUID(name) || seen[id] {
			t.Errorf("the UUID of %q is %q", name, id)
		}
		seen[signing.UUID(name)] = true
	}
}
