package schedule

import (
	"strings"
	"testing"
	"time"
)

// FuzzSchedule looks for an input that panics, that never ends, or for which the
// next change is no change.
func FuzzSchedule(f *testing.F) {
	f.Add("mon-fri 08:00-19:30\nsun 22:00-02:00", "2026-12-24/2027-01-02", "2026-11-28", "Europe/Berlin",
		"2026-11-23T06:00:00Z")
	f.Add("daily 00:00-24:00", "9999-12-31", "", "Pacific/Apia", "2011-12-30T10:00:00Z")
	f.Add("sun 02:10-02:20", "", "0000-01-01", "America/St_Johns", "0000-01-01T00:00:00+23:59")
	f.Add("fri-mon,wed 23:30-23:30", "2096-12-31", "", "Australia/Lord_Howe", "2096-12-31T00:00:00.5Z")
	f.Add("", "", "", "Local", "9999-12-31T23:59:59-23:59")
	f.Fuzz(func(t *testing.T, running, stoppedDates, runningDates, zoneName, timestamp string) {
		s, err := Parse(Spec{Running: lines(running), StoppedDates: lines(stoppedDates), RunningDates: lines(runningDates)})
		if err != nil {
			return
		}
		zone, err := LoadZone(zoneName)
		if err != nil {
			zone = mustZone(t, "Europe/Berlin")
		}
		at, err := ParseTimestamp(timestamp)
		if err != nil {
			at = mustTime(t, "2026-03-29T00:59:59Z")
		}
		state := s.Running(at, zone)
		next, ok := s.NextChange(at, zone)
		if !ok {
			next = at.Add(400 * 24 * time.Hour)
		}
		if !next.After(at) {
			t.Fatalf("the next change after %s is %s", at, next)
		}
		if ok && s.Running(next, zone) == state {
			t.Errorf("nothing changes at %s", next)
		}
		for part := range time.Duration(20) {
			if between := at.Add(next.Sub(at) / 20 * part); s.Running(between, zone) != state {
				t.Errorf("something changes at %s, before %s", between, next)
			}
		}
		if before := next.Add(-1); ok && s.Running(before, zone) != state {
			t.Errorf("something changes before %s", next)
		}
		if ok && !mustTime(t, FormatTimestamp(next, zone)).Equal(next) {
			t.Errorf("%s is written as %s", next, FormatTimestamp(next, zone))
		}
	})
}

func lines(text string) []string {
	if text == "" {
		return nil
	}
	return strings.Split(text, "\n")
}
