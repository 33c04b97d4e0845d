package driverkit

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
)

// MaxText is the most bytes of a text from outside that are shown. It holds
// the longest message that a cloud is known to give, a denial with its policy.
const MaxText = 1000

// cutMark ends a text that was longer.
const cutMark = " ... (cut)"

// Visible returns text with each character that acts on a terminal or a log, or
// does not show there, as an escape such as \x1b or \u202e, cut at MaxText bytes. Every
// text that comes from outside passes it before anything shows or stores it.
func Visible(text string) string {
	if len(text) <= MaxText && !strings.ContainsFunc(text, mustEscape) {
		return text
	}
	var b strings.Builder
	fits := 0
	for i := 0; i < len(text); {
		r, size := utf8.DecodeRuneInString(text[i:])
		piece := text[i : i+size]
		switch {
		case r == utf8.RuneError && size == 1:
			piece = fmt.Sprintf(`\x%02x`, text[i])
		case mustEscape(r):
			piece = escape(r)
		}
		if b.Len()+len(piece) > MaxText {
			return b.String()[:fits] + cutMark
		}
		b.WriteString(piece)
		if b.Len() <= MaxText-len(cutMark) {
			fits = b.Len()
		}
		i += size
	}
	return b.String()
}

// mustEscape reports whether a character acts on what shows it, or does not
// show: controls, formats (bidirectional overrides and isolates, zero-width
// characters), separators of lines and paragraphs, fillers and tags. U+FFFD
// stands for itself and for a byte that is not UTF-8.
func mustEscape(r rune) bool {
	if r < utf8.RuneSelf {
		return r < ' ' || r == 0x7f
	}
	return r == utf8.RuneError ||
		unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp, unicode.Other_Default_Ignorable_Code_Point) ||
		r >= 0xe0000 && r <= 0xe0fff
}

func escape(r rune) string {
	switch {
	case r == utf8.RuneError:
		return string(r)
	case r == '\n':
		return `\n`
	case r == '\r':
		return `\r`
	case r == '\t':
		return `\t`
	case r < utf8.RuneSelf:
		return fmt.Sprintf(`\x%02x`, r)
	case r > 0xffff:
		return fmt.Sprintf(`\U%08x`, r)
	}
	return fmt.Sprintf(`\u%04x`, r)
}

// VisibleInstances makes every text of the instances visible, in place. It is
// the last thing that a driver does with them, after it has filtered them.
func VisibleInstances(list []backend.Instance) []backend.Instance {
	for i := range list {
		in := &list[i]
		for _, text := range []*string{
			&in.ID, &in.Name, &in.Raw, &in.StopChargingBar, &in.Blocked, &in.StartBlocked, &in.PublicIP, &in.PrivateIP,
			&in.Type, &in.Zone,
		} {
			*text = Visible(*text)
		}
		if op := in.LastOperation; op != nil {
			op.Name, op.RequestID, op.Message = Visible(op.Name), Visible(op.RequestID), Visible(op.Message)
		}
		for key, value := range in.Tags {
			if shown := Visible(key); shown != key {
				delete(in.Tags, key)
				key = shown
			}
			in.Tags[key] = Visible(value)
		}
	}
	return list
}
