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
	// maxDecoded is how many encodings around each other are undone, and maxViews how many
	// texts may come of it.
	maxDecoded = 4
	maxViews   = 64
	// maxNested is how many of them may be base64 or hexadecimal.
	maxNested = 2
	// maxWork is how many bytes of all these texts are searched. A page of base64 takes
	// a twentieth of it.
	maxWork = 8 << 20
	// unsearched takes the place of a text that takes more: encodings within encodings
	// multiply, and what was not searched is not shown.
	unsearched = redacted + " (this text cannot be searched for secrets in reasonable time)"
)

// Redactor takes the secrets of an account out of texts. A cloud, or a proxy
// before it, may repeat the request in its answer. The zero value knows no
// secret, and still removes tokens and signatures by their form.
type Redactor struct{ secrets []string }

// NewRedactor returns a Redactor for the values, and for the passwords of the proxies in
// the environment, which a proxy may repeat; those that are too short for a secret are
// left out.
func NewRedactor(secrets ...string) *Redactor {
	all := slices.Concat(secrets, proxyPasswords())
	return &Redactor{slices.DeleteFunc(all, func(s string) bool { return len(s) < minSecret })}
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
	search := search{r, maxWork}
	spans := search.find(text, maxNested)
	if search.left < 0 {
		return unsearched
	}
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

// search is the search of one text for secrets.
type search struct {
	*Redactor
	// left is how many bytes may still be searched; below 0 the search has failed.
	left int
}

// find returns where secrets are.
func (s *search) find(text string, nested int) []span {
	var found []span
	views, seen := []view{{text: text}}, map[string]bool{text: true}
	for depth := 0; len(views) > 0; depth++ {
		var decoded []view
		for _, v := range views {
			if s.left -= len(v.text); s.left < 0 {
				return nil
			}
			for _, at := range s.plain(v.text) {
				found = append(found, v.origin(at))
			}
			if nested > 0 {
				for _, at := range s.inRuns(v.text, nested-1) {
					found = append(found, v.origin(at))
				}
			}
			if depth == maxDecoded {
				continue
			}
			for _, e := range encodings {
				next, changed := v.decode(e)
				if changed && !seen[next.text] && len(seen) < maxViews {
					seen[next.text] = true
					decoded = append(decoded, next)
				}
			}
		}
		views = decoded
	}
	return found
}

// plain returns where secrets are as they are.
func (r *Redactor) plain(text string) []span {
	found := tokens(text)
	for _, secret := range r.secrets {
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

// tokenHead is what ends in the first dot of a token. Where a token begins in it only its
// content tells.
var tokenHead = regexp.MustCompile(`[A-Za-z0-9_-]{8,}\.`)

func tokens(text string) []span {
	var found []span
	done := 0
	for _, head := range tokenHead.FindAllStringIndex(text, -1) {
		for at := max(head[0], done); at < head[1]; at++ {
			if !opensObject(text[at:head[1]]) {
				continue
			}
			if match := tokenForm.FindString(text[at:]); match != "" {
				done = at + len(match)
				found = append(found, span{at, done})
				break
			}
		}
	}
	return found
}

// opensObject reports whether something in base64 begins as an object with a key.
func opensObject(text string) bool {
	if text[0] != 'e' {
		return false
	}
	const most = 64 // White space may be between the brace and the key.
	text = text[:min(len(text), most)/4*4]
	object, _ := base64.RawURLEncoding.DecodeString(text) // As much as can be decoded.
	return len(object) > 1 && object[0] == '{' &&
		strings.HasPrefix(strings.TrimLeft(string(object[1:]), " \t\r\n"), `"`)
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
func (s *search) inRuns(text string, nested int) []span {
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
			for _, in := range s.find(string(decoded), nested) {
				from := at[0] + skip
				found = append(found, span{from + in.from*4/3, min(from+(in.to*4+2)/3, at[1])})
			}
		}
	}
	for _, at := range hexRun.FindAllStringIndex(text, -1) {
		for skip := range 2 {
			part := text[at[0]+skip : at[1]]
			decoded, _ := hex.DecodeString(part[:len(part)/2*2]) // It cannot fail for such a run.
			for _, in := range s.find(string(decoded), nested) {
				found = append(found, span{at[0] + skip + in.from*2, at[0] + skip + in.to*2})
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

// encoding is one that works character by character.
type encoding struct {
	// mark has the characters of which each encoded one has one at its beginning.
	mark string
	// first returns what stands at the beginning of a text, and how much of it that takes.
	first func(text string) (piece string, size int)
}

// encodings are undone one at a time, in every order: a secret that looks encoded itself,
// such as one with "%2F" in it, comes out as it is only where its own encoding is not
// undone with that of the text.
var encodings = []encoding{
	{"%", func(text string) (string, int) { return decodeHex(text, 1, 2) }},
	{"\\", unescape},
	{"&", func(text string) (string, int) {
		end := strings.IndexByte(text[:min(len(text), 12)], ';') + 1
		if piece := html.UnescapeString(text[:end]); piece != text[:end] {
			return piece, end
		}
		return text[:1], 1
	}},
	// A line feed within a secret is one that a base64 encoder or a mailer put there, with
	// an indentation where it folded a header.
	{"\r\n", func(text string) (string, int) { return "", len(text) - len(strings.TrimLeft(text, " \t\r\n")) }},
}

// unescape reads a character that is escaped as in JSON.
func unescape(text string) (piece string, size int) {
	if len(text) < 2 {
		return text, len(text)
	}
	switch text[1] {
	case 'u':
		return decodeHex(text, 2, 4)
	case 'x':
		return decodeHex(text, 2, 2)
	case 'n':
		return "\n", 2
	case 'r':
		return "\r", 2
	case '/', '"', '\'', '\\':
		return text[1:2], 2
	}
	return text[:1], 1
}

// decode undoes one layer of an encoding.
func (v view) decode(e encoding) (view, bool) {
	if !strings.ContainsAny(v.text, e.mark) {
		return v, false
	}
	next := view{from: make([]int, 0, len(v.text)), to: make([]int, 0, len(v.text))}
	var b strings.Builder
	changed := false
	for i := 0; i < len(v.text); {
		piece, size := v.text[i:i+1], 1
		if strings.Contains(e.mark, piece) {
			piece, size = e.first(v.text[i:])
		}
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
