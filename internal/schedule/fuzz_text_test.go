package schedule

import (
	"strings"
	"testing"
	"time"
)

// fuzzedZones are zones with clock changes of every kind: none, an hour, half an
// hour, at midnight, and a whole day that was skipped.
var fuzzedZones = []string{
	"UTC", "Asia/Shanghai", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "America/Sao_Paulo",
	"Pacific/Apia",
}

// FuzzSpec reads a schedule whose windows and dates have a line each. Whatever is
// wrong with it is told in a text that no terminal acts on.
func FuzzSpec(f *testing.F) {
	for _, seed := range []struct{ running, stopped, runs string }{
		{"mon-fri 08:00-19:30", "", ""},
		{"mon 8:00-7:00", "x", "2026-01-01/2025-01-01"},
		{"fri-thu 00:00-00:00\nfri 23:59-00:01", "2026-10-25", "2026-10-25"},
		{"\xff\x00", "0000-00-00", "9999-12-31"},
		{"\x1b[31mmon 08:00-09:00", "\u202e", "\r"},
	} {
		f.Add(seed.running, seed.stopped, seed.runs)
	}
	f.Fuzz(func(t *testing.T, running, stopped, runs string) {
		spec := Spec{Running: lines(running), StoppedDates: lines(stopped), RunningDates: lines(runs)}
		if _, err := Parse(spec); err != nil {
			wantText(t, err.Error())
		}
	})
}

// FuzzTimestamp reads an instant. One that is read is written as the same instant.
func FuzzTimestamp(f *testing.F) {
	for _, seed := range []string{
		"2026-11-28T08:00:00Z", "2026-11-28T08:00:00.123456789+08:00", "2026-11-28t08:00:00z", "0000-01-01T00:00:00-23:59",
		"", "2026-02-30T25:61:61Z",
	} {
		f.Add(seed, uint8(1))
	}
	f.Fuzz(func(t *testing.T, text string, zone uint8) {
		at, err := ParseTimestamp(text)
		if err != nil {
			wantText(t, err.Error())
			return
		}
		location, err := LoadZone(fuzzedZones[int(zone)%len(fuzzedZones)])
		if err != nil {
			t.Fatal(err)
		}
		written := FormatTimestamp(at, location)
		again, err := ParseTimestamp(written)
		if at.Year() < 1 || at.Year() > 9998 {
			return // The year in the zone may have no four digits.
		}
		if err != nil || !again.Equal(at.Truncate(time.Second)) {
			t.Errorf("%q is written as %q, which reads as %s, %v", text, written, again, err)
		}
	})
}

// FuzzZone reads the name of a time zone.
func FuzzZone(f *testing.F) {
	for _, seed := range append(fuzzedZones, "", "Local", "../../etc/passwd", "Europe/berlin", "\x00") {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, name string) {
		zone, err := LoadZone(name)
		switch {
		case err != nil:
			wantText(t, err.Error())
		case zone == nil || zone.String() != name:
			t.Errorf("%q is read as %v", name, zone)
		}
	})
}

// wantText wants a text that is there, and that no terminal acts on.
func wantText(t *testing.T, text string) {
	t.Helper()
	if text == "" || strings.ContainsFunc(text, func(r rune) bool { return r < ' ' && r != '\n' || r == 0x7f }) {
		t.Errorf("the error is %q", text)
	}
}
