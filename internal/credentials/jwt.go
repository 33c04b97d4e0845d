package credentials

import (
	"encoding/base64"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// webTokenForm is a JSON Web Token in the compact form of RFC 7519. The
// signature may be empty, which the cloud refuses.
var webTokenForm = regexp.MustCompile(`^[\w-]+\.[\w-]+\.[\w-]*$`)

// claims are those of a token that help to find out why it was refused. None of
// them is secret.
type claims struct {
	issuer, subject string
	audience        []string
	expires         time.Time
}

// parseClaims decodes the payload of a token without verifying it. It returns
// false where it cannot be decoded.
func parseClaims(token string) (claims, bool) {
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		return claims{}, false
	}
	payload, err := base64.RawURLEncoding.DecodeString(strings.TrimRight(parts[1], "="))
	if err != nil {
		return claims{}, false
	}
	root, err := parseJSON(payload)
	if err != nil || root.kind != isObject {
		return claims{}, false
	}
	c := claims{issuer: textOf(root.members["iss"]), subject: textOf(root.members["sub"])}
	if aud := root.members["aud"]; aud != nil && aud.kind == isList {
		for _, item := range aud.items {
			c.audience = append(c.audience, textOf(item))
		}
	} else if aud != nil {
		c.audience = []string{textOf(aud)}
	}
	if exp := root.members["exp"]; exp != nil && exp.kind == isNumber {
		if seconds, err := strconv.ParseFloat(exp.text, 64); err == nil && seconds > 0 && seconds < 1<<40 {
			c.expires = time.Unix(int64(seconds), 0).UTC()
		}
	}
	return c, true
}

func textOf(n *node) string {
	if n == nil || n.kind != isText {
		return ""
	}
	return n.text
}

// describeToken returns iss, aud, sub and exp of a token for a message.
func describeToken(token string, now time.Time) string {
	c, ok := parseClaims(token)
	if !ok {
		return "its claims cannot be decoded"
	}
	audience := make([]string, len(c.audience))
	for i, aud := range c.audience {
		audience[i] = quote(clean(aud))
	}
	return fmt.Sprintf("iss %s, aud %s, sub %s, exp %s", strconv.Quote(clean(c.issuer)),
		orNone(strings.Join(audience, " and ")), strconv.Quote(clean(c.subject)), c.ending(now))
}

// ending describes exp relative to now.
func (c claims) ending(now time.Time) string {
	if c.expires.IsZero() {
		return "none"
	}
	at := c.expires.Format(time.RFC3339)
	if left := c.expires.Sub(now).Round(time.Second); left > 0 {
		return at + " (in " + left.String() + ")"
	}
	return at + " (" + now.Sub(c.expires).Round(time.Second).String() + " ago)"
}

// ended reports whether exp has passed.
func (c claims) ended(now time.Time) bool { return !c.expires.IsZero() && !now.Before(c.expires) }

func orNone(text string) string {
	if text == "" {
		return "none"
	}
	return text
}
