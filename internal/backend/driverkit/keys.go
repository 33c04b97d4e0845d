package driverkit

import (
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// Secret is a value of an account's credentials. Package fmt does not show it, but for
// %p, which it lets no type define, and in a field that is not exported: so a driver
// holds what signs its requests as a function.
type Secret string

// Format writes a mark in place of the value, and nothing where there is none.
func (s Secret) Format(to fmt.State, _ rune) {
	if s != "" {
		_, _ = io.WriteString(to, redacted)
	}
}

// Key is one value of an account's credentials.
type Key struct {
	// Name is that of the attribute that holds it.
	Name  string
	Value Secret
	// Optional is set for a token, which only temporary keys have.
	Optional bool
}

// Keys are all values of an account's credentials.
type Keys []Key

// Check names the first key that can never sign a request. A line feed at the
// end of a file, or a zero-width space in a paste, would otherwise show as a
// signature that does not match.
func (k Keys) Check() error {
	for _, key := range k {
		if key.Value == "" && !key.Optional {
			return fmt.Errorf("`%s` is empty", key.Name)
		}
		value := string(key.Value)
		at := strings.IndexFunc(value, func(r rune) bool { return r <= ' ' || r > '~' })
		if at >= 0 {
			return fmt.Errorf(
				"`%s` contains %s, which no key does: copy it again, without what is around it",
				key.Name,
				nameOf(value[at:]),
			)
		}
	}
	return nil
}

// nameOf names the first character of text.
func nameOf(text string) string {
	switch first := text[0]; {
	case first == ' ':
		return "a space"
	case first == '\t':
		return "a tab"
	case first == '\n':
		return "a line feed"
	case first == '\r':
		return "a carriage return"
	case first < ' ', first == 0x7f:
		return "the control character " + Visible(text[:1])
	}
	return "a character that is not ASCII"
}

// redactor returns what takes the keys, and further secrets, out of texts.
func (k Keys) redactor(more []string) *Redactor {
	values := slices.Clone(more)
	for _, key := range k {
		values = append(values, string(key.Value))
	}
	return NewRedactor(values...)
}

// regionForm is no list of regions, which clouds extend. It keeps a region from
// being anything but a label of a host name or a word in a header.
var regionForm = regexp.MustCompile(`^[a-z0-9]([a-z0-9-]*[a-z0-9])?$`)

// ParseRegion returns a region as the clouds write it, in small letters.
func ParseRegion(text string) (string, error) {
	if text == "" {
		return "", errors.New("`region` is empty")
	}
	region := strings.ToLower(text)
	if !regionForm.MatchString(region) {
		return "", fmt.Errorf("`region` is %s, which is not the name of a region", strconv.QuoteToASCII(cut(text)))
	}
	return region, nil
}

func cut(text string) string {
	const most = 100
	if len(text) <= most {
		return text
	}
	return strings.ToValidUTF8(text[:most], "") + "..."
}
