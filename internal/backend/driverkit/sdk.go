package driverkit

import (
	"fmt"
	"slices"
	"strings"
)

// printing are the words in the environment variable DEBUG with which a vendor's SDK
// prints each request with its signature (SDK source: tea, dara, credentials; debug.Init).
var printing = []string{"dara", "tea", "credential"}

// QuietSDK refuses a value of the environment variable DEBUG that makes an SDK print.
// That reads it before main begins, so that nothing else keeps it from doing so.
func QuietSDK(debug string) error {
	for part := range strings.SplitSeq(debug, ",") {
		if slices.Contains(printing, part) {
			return fmt.Errorf(
				"the environment variable DEBUG holds %q, which makes the SDK print signed requests: unset it",
				part,
			)
		}
	}
	return nil
}

// maxAgent is the most that an SDK takes before it complains on standard error (SDK source:
// tencentcloud, WithRequestClient).
const maxAgent = 128

// PlainAgent returns the products of a user agent, without its comment, for a header that
// takes letters, digits and -_,;. alone, and at most maxAgent of them.
func PlainAgent(userAgent string) string {
	before, rest, comment := strings.Cut(userAgent, "(")
	if comment {
		_, after, _ := strings.Cut(rest, ")")
		before += after
	}
	name := strings.Map(func(r rune) rune {
		switch {
		case r >= '0' && r <= '9', r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', strings.ContainsRune("-_,;.", r):
			return r
		}
		return '-'
	}, strings.Join(strings.Fields(before), ";"))
	return name[:min(len(name), maxAgent)]
}
