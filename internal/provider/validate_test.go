package provider

import (
	"strings"
	"testing"
)

func TestAUsersValueIsShownWithItsEscapes(t *testing.T) {
	t.Parallel()
	for value, want := range map[string]string{
		"cn-beijing":              `"cn-beijing"`,
		"华北 \"2\"":                `"华北 \"2\""`,
		"\x1b[31m\n\x7f\u009b":    `"\x1b[31m\n\x7f\u009b"`,
		"a\u202eb\u2028c\u200bd":  `"a\u202eb\u2028c\u200bd"`,
		"cn-beijing\u3164":        `"cn-beijing\u3164"`,
		"cn\U000e0100":            `"cn\U000e0100"`,
		strings.Repeat("é", 100):  `"` + strings.Repeat("é", 100) + `"`,
		strings.Repeat("é", 3000): `"` + strings.Repeat("é", 100) + `"... (3000 characters)`,
	} {
		if got := shown(value); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}
