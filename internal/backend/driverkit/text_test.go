package driverkit_test

import (
	"reflect"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
	"github.com/instance-power/terraform-provider-instance/internal/backend/driverkit"
)

func TestVisible(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"":                                    "",
		"an ordinary text, with 'quotes' \\":  "an ordinary text, with 'quotes' \\",
		"实例 état ✓ 👍":                         "实例 état ✓ 👍",
		"a\x1b[31mb":                          `a\x1b[31mb`,
		"\x1b]52;c;aGk=\x07":                  `\x1b]52;c;aGk=\x07`,
		"one\r\ntwo\tthree\x00\x7f":           `one\r\ntwo\tthree\x00\x7f`,
		"\u009b31m\u0085":                     `\u009b31m\u0085`,
		"abc\u202edef\u2066ghi\u2069":         `abc\u202edef\u2066ghi\u2069`,
		"a\u200bb\u200dc\u2060d\ufeffe\u00ad": `a\u200bb\u200dc\u2060d\ufeffe\u00ad`,
		"a\u2028b\u2029c":                     `a\u2028b\u2029c`,
		"a\U000e0041\u3164":                   `a\U000e0041\u3164`,
		"bytes \xff\x9b that are no text":     `bytes \xff\x9b that are no text`,
		"the character \ufffd itself":         "the character \ufffd itself",
	} {
		if got := driverkit.Visible(text); got != want {
			t.Errorf("%q became %q, want %q", text, got, want)
		}
	}
}

func TestALongTextIsCut(t *testing.T) {
	t.Parallel()
	const mark = " ... (cut)"
	most := driverkit.MaxText
	for name, test := range map[string]struct{ text, want string }{
		"one that just fits": {strings.Repeat("x", most), strings.Repeat("x", most)},
		"one byte too many":  {strings.Repeat("x", most+1), strings.Repeat("x", most-len(mark)) + mark},
		"at a character":     {strings.Repeat("é", most), strings.Repeat("é", (most-len(mark))/2) + mark},
		"at an escape":       {strings.Repeat("\x1b", most), strings.Repeat(`\x1b`, (most-len(mark))/4) + mark},
		"escapes that fit":   {strings.Repeat("\x1b", most/4), strings.Repeat(`\x1b`, most/4)},
	} {
		if got := driverkit.Visible(test.text); got != test.want {
			t.Errorf(
				"%s: got %d bytes that end in %q, want %d that end in %q",
				name,
				len(got),
				tail(got),
				len(test.want),
				tail(test.want),
			)
		}
	}
}

func tail(text string) string { return text[max(0, len(text)-20):] }

// TestVisibleInstances fills every text that an instance has, so that one that is
// new cannot be forgotten.
func TestVisibleInstances(t *testing.T) {
	t.Parallel()
	instanceOf := func(text string) backend.Instance {
		var in backend.Instance
		fillTexts(reflect.ValueOf(&in).Elem(), text)
		return in
	}
	raw, want := instanceOf("a\x1b\u202e"), instanceOf(`a\x1b\u202e`)
	raw.Tags["key"], want.Tags["key"] = "value", "value"
	if diff := cmp.Diff(
		driverkit.VisibleInstances([]backend.Instance{raw, {ID: "plain"}}),
		[]backend.Instance{want, {ID: "plain"}},
	); diff != "" {
		t.Errorf("instances (-got +want):\n%s", diff)
	}
}

// fillTexts sets all texts in a value, also behind pointers and in maps.
func fillTexts(value reflect.Value, text string) {
	switch value.Kind() {
	case reflect.String:
		if value.Type() == reflect.TypeFor[string]() { // One of another type is a word of ours.
			value.SetString(text)
		}
	case reflect.Struct:
		for i := range value.NumField() {
			fillTexts(value.Field(i), text)
		}
	case reflect.Pointer:
		value.Set(reflect.New(value.Type().Elem()))
		fillTexts(value.Elem(), text)
	case reflect.Map:
		value.Set(reflect.ValueOf(map[string]string{text: text}))
	default:
	}
}

func FuzzVisible(f *testing.F) {
	for _, text := range []string{
		"plain", "\x1b]0;x\x07", "\u202e", "\xff\xfe", strings.Repeat("é", 700), "\u2028", "a\U000e0001",
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		got := driverkit.Visible(text)
		if len(got) > driverkit.MaxText || !utf8.ValidString(got) {
			t.Errorf("%q became %d bytes, valid: %v", text, len(got), utf8.ValidString(got))
		}
		if at := strings.IndexFunc(got, func(r rune) bool {
			return unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp)
		}); at >= 0 {
			t.Errorf("%q still acts at %d", got, at)
		}
		plain := !strings.ContainsFunc(text, func(r rune) bool { return r < ' ' || r > '~' })
		if plain && len(text) <= driverkit.MaxText && got != text {
			t.Errorf("%q became %q, want it as it was", text, got)
		}
		if again := driverkit.Visible(got); again != got {
			t.Errorf("%q changes a second time, to %q", got, again)
		}
	})
}
