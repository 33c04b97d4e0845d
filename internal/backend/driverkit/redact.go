package driverkit

import (
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"html"
	"io"
	"regexp"
	"slices"
	"strings"
)

const (
	// redacted takes the place of a secret.
	redacted = "***"
	// minSecret is the length from which a value is redacted: a
	// shorter one could be a part of any word, and no real key is that short.
	minSecret = 8
	// maxSearched is the most of a text that is searched. It is much more than
	// is shown, so that what is cut off here is never shown.
	maxSearched = 16 << 10
	// maxDecoded is how many encodings around each other are undone.
	maxDecoded = 4
	// maxNested is how many of them may be base64 or hexadecimal.
	maxNested = 2
)

// Redactor takes the secrets of an account out of texts. A cloud, or a proxy
// before it, may repeat the request in its answer. The zero value knows no
// secret, and still removes tokens and signatures by their form.
type Redactor struct {
	secrets []string
	// inDecoded is what to look for where encodings were undone: the secrets, and what
	// becomes of those that look encoded themselves, such as one with "%2F" in it.
	inDecoded []string
	// depth is how often the one that changes most often can be decoded.
	depth int
}

// NewRedactor returns a Redactor for the values; those that are too short for a
// secret are left out.
func NewRedactor(secrets ...string) *Redactor {
	r := &Redactor{
		secrets: slices.DeleteFunc(slices.Clone(secrets), func(s string) bool { return len(s) < minSecret }),
	}
	r.inDecoded = slices.Clone(r.secrets)
	for _, secret := range r.secrets {
		depth := 0
		for v, changed := (view{text: secret}).decode(); changed && v.text != ""; v, changed = v.decode() {
			r.inDecoded = append(r.inDecoded, v.text)
			depth++
		}
		r.depth = max(r.depth, depth)
	}
	return r
}

// Format keeps the secrets out of texts of package fmt.
func (*Redactor) Format(to fmt.State, _ rune) { _, _ = io.WriteString(to, redacted) }

// Clean returns text as it may be shown: without secrets, and visible.
func (r *Redactor) Clean(text string) string { return Visible(r.Redact(text)) }

// signature is what follows the word in a header, a query or a message.
var signature = regexp.MustCompile(`(?i)(signature["']?[ \t]*(?:[=:]|%3d|%3a)[ \t]*["']?)[0-9a-z+/=%_-]{8,}`)

// Redact returns text without the secrets, without anything in the form of a
// JSON web token, and without signatures, as they are and in each of these
// encodings, or several of them: percent, JSON, HTML, base64 of either alphabet
// with or without padding, hexadecimal.
func (r *Redactor) Redact(text string) string {
	if len(text) > maxSearched {
		// What may be the first half of a secret goes too. No secret has a space,
		// in any encoding, and none is half as long as this.
		text = text[:maxSearched]
		text = text[:max(strings.LastIndexAny(text, " \t\r\n")+1, maxSearched/2)] + cutMark
	}
	spans := r.find(text, maxNested)
	slices.SortFunc(spans, func(a, b span) int { return a.from - b.from })
	var b strings.Builder
	done := 0
	for _, s := range spans {
		if s.to <= done {
			continue
		}
		if s.from >= done {
			b.WriteString(text[done:s.from])
			b.WriteString(redacted)
		}
		done = s.to
	}
	b.WriteString(text[done:])
	return signature.ReplaceAllString(b.String(), "${1}"+redacted)
}

// span is a part of a text.
type span struct{ from, to int }

// find returns where secrets are.
func (r *Redactor) find(text string, nested int) []span {
	var found []span
	v, secrets := view{text: text}, r.secrets
	for range maxDecoded + r.depth {
		for _, s := range plain(v.text, secrets) {
			found = append(found, v.origin(s))
		}
		if nested > 0 {
			for _, s := range r.inRuns(v.text, nested-1) {
				found = append(found, v.origin(s))
			}
		}
		next, changed := v.decode()
		if !changed {
			break
		}
		v, secrets = next, r.inDecoded
	}
	return found
}

// plain returns where the secrets and tokens are as they are.
func plain(text string, secrets []string) []span {
	found := tokens(text)
	for _, secret := range secrets {
		for at := 0; ; {
			next := strings.Index(text[at:], secret)
			if next < 0 {
				break
			}
			found = append(found, span{at + next, at + next + len(secret)})
			at += next + 1
		}
	}
	return found
}

// tokenForm is a JSON web token: parts in base64, of which the first is an
// object, so that it begins with "ey" or "ew".
var tokenForm = regexp.MustCompile(`^e[wy][A-Za-z0-9_-]{6,}(\.[A-Za-z0-9_-]+)(\.[A-Za-z0-9_-]*){0,3}`)

func tokens(text string) []span {
	var found []span
	for at := 0; at < len(text); at++ {
		next := strings.IndexByte(text[at:], 'e')
		if next < 0 {
			break
		}
		at += next
		match := tokenForm.FindString(text[at:])
		if match == "" {
			continue
		}
		head, _, _ := strings.Cut(match, ".")
		object, err := base64.RawURLEncoding.DecodeString(head[:len(head)/4*4])
		if err != nil || !strings.HasPrefix(strings.TrimLeft(string(object[1:]), " \t\r\n"), `"`) {
			continue
		}
		found = append(found, span{at, at + len(match)})
		at += len(match) - 1
	}
	return found
}

// The runs are what may be something in base64, of which a secret of minSecret
// bytes has eleven characters, or in hexadecimal.
var (
	base64Run = regexp.MustCompile(`[A-Za-z0-9+/_-]{11,}`)
	hexRun    = regexp.MustCompile(`[A-Fa-f0-9]{16,}`)
)

var oneAlphabet = strings.NewReplacer("-", "+", "_", "/")

// inRuns returns where secrets are within something in base64 or hexadecimal,
// wherever in it they begin.
func (r *Redactor) inRuns(text string, nested int) []span {
	var found []span
	for _, at := range base64Run.FindAllStringIndex(text, -1) {
		run := oneAlphabet.Replace(text[at[0]:at[1]])
		for skip := range 4 {
			part := run[min(skip, len(run)):]
			if len(part)%4 == 1 {
				part = part[:len(part)-1]
			}
			decoded, err := base64.RawStdEncoding.DecodeString(part)
			if err != nil {
				continue
			}
			for _, s := range r.find(string(decoded), nested) {
				from := at[0] + skip
				found = append(found, span{from + s.from*4/3, min(from+(s.to*4+2)/3, at[1])})
			}
		}
	}
	for _, at := range hexRun.FindAllStringIndex(text, -1) {
		for skip := range 2 {
			part := text[at[0]+skip : at[1]]
			decoded, _ := hex.DecodeString(part[:len(part)/2*2]) // It cannot fail for such a run.
			for _, s := range r.find(string(decoded), nested) {
				found = append(found, span{at[0] + skip + s.from*2, at[0] + skip + s.to*2})
			}
		}
	}
	return found
}

// view is a text after its encodings were undone once or more, with the place
// in the original that each byte comes from.
type view struct {
	text string
	// from and to are nil where the text is the original.
	from, to []int
}

func (v view) origin(s span) span {
	if v.from == nil || s.from == s.to {
		return s
	}
	return span{v.from[s.from], v.to[s.to-1]}
}

// decode undoes one layer of the encodings that work character by character. A
// line feed within a secret is one that a base64 encoder or a mailer put there.
func (v view) decode() (view, bool) {
	if !strings.ContainsAny(v.text, "%\\&\r\n") {
		return v, false
	}
	next := view{from: make([]int, 0, len(v.text)), to: make([]int, 0, len(v.text))}
	var b strings.Builder
	changed := false
	for i := 0; i < len(v.text); {
		piece, size := decodeOne(v.text[i:])
		changed = changed || size > 1 || piece == ""
		origin := v.origin(span{i, i + size})
		for range len(piece) {
			next.from, next.to = append(next.from, origin.from), append(next.to, origin.to)
		}
		b.WriteString(piece)
		i += size
	}
	next.text = b.String()
	return next, changed
}

// decodeOne returns what stands at the beginning of text, and how much of it
// that takes.
func decodeOne(text string) (piece string, size int) {
	switch text[0] {
	case '\r', '\n':
		return "", 1
	case '%':
		return decodeHex(text, 1, 2)
	case '&':
		end := strings.IndexByte(text[:min(len(text), 12)], ';')
		if end < 0 {
			break
		}
		if piece = html.UnescapeString(text[:end+1]); piece != text[:end+1] {
			return piece, end + 1
		}
	case '\\':
		if len(text) < 2 {
			break
		}
		switch text[1] {
		case 'u':
			return decodeHex(text, 2, 4)
		case 'x':
			return decodeHex(text, 2, 2)
		case 'n', 'r':
			return "", 2
		case '/', '"', '\'', '\\':
			return text[1:2], 2
		}
	}
	return text[:1], 1
}

// decodeHex reads a character of so many digits behind a prefix.
func decodeHex(text string, prefix, digits int) (piece string, size int) {
	if len(text) < prefix+digits {
		return text[:1], 1
	}
	n, err := hex.DecodeString(text[prefix : prefix+digits])
	if err != nil {
		return text[:1], 1
	}
	if digits == 2 {
		return string(n), prefix + digits
	}
	return string(rune(n[0])<<8 | rune(n[1])), prefix + digits
}
