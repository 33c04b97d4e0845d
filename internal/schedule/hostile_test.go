package schedule

import (
	"strings"
	"testing"
)

// TestErrorsStayShort reads what no person has written: an error shows the beginning of it.
func TestErrorsStayShort(t *testing.T) {
	t.Parallel()
	const most = 2500
	long := strings.Repeat("x\x1b[31m", 200_000)
	many := make([]string, 10_000)
	for i := range many {
		many[i] = "someday"
	}
	for name, read := range map[string]func() error{
		"a long text":        func() error { _, err := ParseText(long); return err },
		"a text of letters":  func() error { _, err := ParseText(strings.Repeat("x", 1_000_000)); return err },
		"many windows":       func() error { _, err := ParseText(strings.Repeat("someday/", 10_000)); return err },
		"many empty windows": func() error { _, err := ParseText(strings.Repeat("/", 10_000)); return err },
		"a long window":      func() error { _, err := Parse(Spec{Running: []string{long}}); return err },
		"a long day":         func() error { _, err := Parse(Spec{Running: []string{long + " 08:00-09:00"}}); return err },
		"windows of a list":  func() error { _, err := Parse(Spec{Running: many}); return err },
		"a long date":        func() error { _, err := Parse(Spec{StoppedDates: []string{long}}); return err },
		"a long range": func() error {
			_, err := Parse(Spec{StoppedDates: []string{strings.Repeat(" ", 1_000_000) + "2026-12-25/2026-12-24"}})
			return err
		},
		"dates of a list":  func() error { _, err := Parse(Spec{RunningDates: many}); return err },
		"a long time zone": func() error { _, err := LoadZone(long); return err },
		"a long timestamp": func() error { _, err := ParseTimestamp(long); return err },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			err := read()
			if err == nil {
				t.Fatal("got no error")
			}
			if text := err.Error(); len(text) > most || strings.ContainsRune(text, '\x1b') {
				t.Errorf("got %d bytes, want at most %d and no controls: %.300q", len(text), most, text)
			}
		})
	}
}

// TestManyProblemsAreCounted names the first of many problems, and the number of the
// others.
func TestManyProblemsAreCounted(t *testing.T) {
	t.Parallel()
	many := make([]string, mostProblems+3)
	for i := range many {
		many[i] = "someday"
	}
	_, err := Parse(Spec{Running: many})
	if err == nil {
		t.Fatal("got no error")
	}
	lines := strings.Split(err.Error(), "\n")
	if got, want := len(lines), mostProblems+1; got != want {
		t.Fatalf("got %d lines, want %d:\n%s", got, want, err)
	}
	if got, want := lines[mostProblems], "and 3 more problems"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
