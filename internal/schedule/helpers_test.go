package schedule

import (
	"testing"
	"time"
)

func mustParse(t *testing.T, spec Spec) *Schedule {
	t.Helper()
	s, err := Parse(spec)
	if err != nil {
		t.Fatalf("parse %q: %v", spec, err)
	}
	return s
}

func mustZone(t *testing.T, name string) *time.Location {
	t.Helper()
	zone, err := LoadZone(name)
	if err != nil {
		t.Fatal(err)
	}
	return zone
}

func mustTime(t *testing.T, text string) time.Time {
	t.Helper()
	at, err := ParseTimestamp(text)
	if err != nil {
		t.Fatal(err)
	}
	return at
}

// history lists what a schedule asks for: the state at from, and each change
// until to, as the zone's clock shows them.
func history(t *testing.T, spec Spec, zoneName, from, to string) []string {
	t.Helper()
	s, zone := mustParse(t, spec), mustZone(t, zoneName)
	at, end := mustTime(t, from), mustTime(t, to)
	words := map[bool]string{false: "stopped", true: "running"}
	out := []string{words[s.Running(at, zone)]}
	for {
		next, ok := s.NextChange(at, zone)
		if !ok {
			return append(out, "never")
		}
		if !next.Before(end) {
			return out
		}
		out = append(out, FormatTimestamp(next, zone)+" "+words[s.Running(next, zone)])
		at = next
	}
}
