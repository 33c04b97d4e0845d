package schedule

import (
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"strings"
	"testing"
	"time"
)

func TestRunningHours(t *testing.T) {
	t.Parallel()
	const office = "mon-fri 08:00-19:30 / sat+sun 10:00-14:00"
	for _, tt := range []struct {
		name, text, zone, from, to string
		want                       float64
	}{
		{"a week", office, "UTC", "2026-11-23T00:00:00Z", "2026-11-30T00:00:00Z", 5*11.5 + 2*4},
		{
			"a week that begins at any time", office, "Asia/Shanghai", "2026-11-25T15:17:23Z", "2026-12-02T15:17:23Z",
			5*11.5 + 2*4,
		},
		{"an empty period", office, "UTC", "2026-11-23T09:00:00Z", "2026-11-23T09:00:00Z", 0},
		{"a period that ends before it begins", office, "UTC", "2026-11-23T10:00:00Z", "2026-11-23T09:00:00Z", 0},
		{
			"the beginning belongs to the window, its end does not", office, "UTC", "2026-11-23T08:00:00Z",
			"2026-11-23T19:30:00Z", 11.5,
		},
		{"a part of a window", office, "UTC", "2026-11-23T09:00:00Z", "2026-11-23T10:15:00Z", 1.25},
		{"outside of windows", office, "UTC", "2026-11-23T20:00:00Z", "2026-11-24T08:00:00Z", 0},
		{"a fraction of a second", office, "UTC", "2026-11-23T09:00:00.25Z", "2026-11-23T09:00:09.25Z", 9.0 / 3600},
		{"a window over midnight", "fri 22:00-02:00", "UTC", "2026-11-23T00:00:00Z", "2026-11-30T00:00:00Z", 4},
		{"its part after midnight", "fri 22:00-02:00", "UTC", "2026-11-28T00:00:00Z", "2026-11-28T12:00:00Z", 2},
		{"its part before midnight", "fri 22:00-02:00", "UTC", "2026-11-27T12:00:00Z", "2026-11-28T00:00:00Z", 2},
		{
			"windows that overlap count once", "mon 08:00-12:00 / mon 10:00-14:00 / mon 14:00-15:00", "UTC",
			"2026-11-23T00:00:00Z", "2026-11-24T00:00:00Z", 7,
		},
		{
			"around the clock", "daily 00:00-24:00", "Europe/Berlin", "2026-11-01T00:00:00+01:00",
			"2026-12-01T00:00:00+01:00", 30 * 24,
		},
		{
			"a day of 23 hours", "daily 00:00-24:00", "Europe/Berlin", "2026-03-29T00:00:00+01:00",
			"2026-03-30T00:00:00+02:00", 23,
		},
		{
			"a day of 25 hours", "daily 00:00-24:00", "Europe/Berlin", "2026-10-25T00:00:00+02:00",
			"2026-10-26T00:00:00+01:00", 25,
		},
		{
			"a window over a skipped hour", "sun 01:00-05:00", "Europe/Berlin", "2026-03-29T00:00:00+01:00",
			"2026-03-30T00:00:00+02:00", 3,
		},
		{
			"a window over a repeated hour", "sun 01:00-05:00", "Europe/Berlin", "2026-10-25T00:00:00+02:00",
			"2026-10-26T00:00:00+01:00", 5,
		},
		{
			"a window in a skipped hour", "sun 02:10-02:50", "Europe/Berlin", "2026-03-29T00:00:00+01:00",
			"2026-03-30T00:00:00+02:00", 0,
		},
		{
			"half an hour that is skipped", "sun 01:00-05:00", "Australia/Lord_Howe", "2026-10-04T00:00:00+10:30",
			"2026-10-05T00:00:00+11:00", 3.5,
		},
		{
			"a date that a zone skipped", "daily 00:00-24:00", "Pacific/Apia", "2011-12-29T00:00:00-10:00",
			"2012-01-01T00:00:00+14:00", 48,
		},
		{
			"the first and the last second", "daily 00:00-24:00", "UTC", "9999-12-31T00:00:00Z",
			"9999-12-31T23:59:59-23:59", 48 - 60.0/3600 - 1.0/3600,
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got := mustParseText(t, tt.text).RunningHours(mustTime(t, tt.from), mustTime(t, tt.to), mustZone(t, tt.zone))
			if got != tt.want {
				t.Errorf("got %v, want %v", got, tt.want)
			}
		})
	}
	s := mustParse(t, Spec{
		Running:      []string{"daily 08:00-10:00"},
		StoppedDates: []string{"2026-12-24/2026-12-26"},
		RunningDates: []string{"2026-12-28"},
	})
	from, to := mustTime(t, "2026-12-21T00:00:00Z"), mustTime(t, "2026-12-29T00:00:00Z")
	if got, want := s.RunningHours(from, to, mustZone(t, "UTC")), 4.0*2+24; got != want {
		t.Errorf("with exceptions: got %v, want %v", got, want)
	}
}

// In every zone that is tried, around its clock changes, the hours are those
// that the changes of state enclose, and the parts of a period add up to it.
func TestRunningHoursAreThoseBetweenTheChanges(t *testing.T) {
	t.Parallel()
	for _, name := range fuzzedZones {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			zone := mustZone(t, name)
			random := rand.New(rand.NewPCG(3, 4)) //nolint:gosec // A test must be repeatable.
			for range 60 {
				from := time.Date(2011, 1, 1, 0, random.IntN(16*365*24*60), random.IntN(60), random.IntN(1e9), time.UTC)
				to := from.Add(time.Duration(random.Int64N(int64(400 * 24 * time.Hour))))
				checkHours(t, mustParse(t, newDraft(random, dayOf(from.Unix())+3).spec), from, to, zone)
			}
		})
	}
}

func checkHours(t *testing.T, s *Schedule, from, to time.Time, zone *time.Location) {
	t.Helper()
	var want time.Duration
	for at := from; at.Before(to); {
		next, ok := s.NextChange(at, zone)
		if !ok || next.After(to) {
			next = to
		}
		if s.Running(at, zone) {
			want += next.Sub(at)
		}
		at = next
	}
	got := s.RunningHours(from, to, zone)
	if math.Abs(got-want.Hours()) > 1e-9 {
		t.Errorf("%+v from %s to %s in %s: got %v hours, want %v", s, from, to, zone, got, want.Hours())
	}
	middle := from.Add(to.Sub(from) / 3)
	if parts := s.RunningHours(from, middle, zone) + s.RunningHours(middle, to, zone); math.Abs(got-parts) > 1e-9 {
		t.Errorf("%+v from %s to %s in %s: got %v hours, but %v in two parts", s, from, to, zone, got, parts)
	}
	if got < 0 || got > to.Sub(from).Hours()+1e-9 {
		t.Errorf("%v hours of %s", got, to.Sub(from))
	}
}

// FuzzHours looks for a period whose hours are not those between the changes.
func FuzzHours(f *testing.F) {
	f.Add("mon-fri 08:00-19:30 / sat+sun 10:00-14:00", "2026-12-24", uint8(2), "2026-03-20T06:00:00Z", int64(3600*24*30))
	f.Add("daily 00:00-24:00", "", uint8(6), "2011-12-29T10:00:00.5Z", int64(3600*24*3))
	f.Add("fri-mon 22:00-02:00", "", uint8(4), "0000-01-01T00:00:00+23:59", int64(1))
	f.Fuzz(func(t *testing.T, running, stopped string, zone uint8, timestamp string, seconds int64) {
		s, err := Parse(Spec{Running: lines(running), StoppedDates: lines(stopped)})
		if err != nil {
			if s, err = ParseText(running); err != nil {
				return
			}
		}
		from, err := ParseTimestamp(timestamp)
		if err != nil || seconds < 0 || seconds > 3600*24*400 {
			return
		}
		in := mustZone(t, fuzzedZones[int(zone)%len(fuzzedZones)])
		checkHours(t, s, from, from.Add(time.Duration(seconds)*time.Second), in)
	})
}

// Every zone of the database, through a year with all its clock changes, with
// windows over midnight. Zones with the same clock are one to a schedule.
func TestRunningHoursInEveryZone(t *testing.T) {
	t.Parallel()
	names, err := os.ReadFile("testdata/zones.txt")
	if err != nil {
		t.Fatal(err)
	}
	from, to := mustTime(t, "2026-01-01T00:00:00Z"), mustTime(t, "2027-01-01T00:00:00Z")
	s := mustParseText(t, "mon-fri 22:00-06:30 / sat+sun 23:45-02:15 / daily 00:00-00:30")
	checked := make(map[string]bool)
	for name := range strings.FieldsSeq(string(names)) {
		zone := mustZone(t, name)
		if clock := clockOf(zone, from.AddDate(0, 0, -7), to.AddDate(0, 0, 7)); !checked[clock] {
			checked[clock] = true
			checkHours(t, s, from, to, zone)
		}
	}
	if len(checked) < 50 {
		t.Errorf("the zones have %d clocks, want at least 50", len(checked))
	}
}

// clockOf returns the offsets of a zone in a period, each with the second at which it ends.
func clockOf(zone *time.Location, from, to time.Time) string {
	var clock strings.Builder
	for at := from; at.Before(to); {
		_, offset := at.In(zone).Zone()
		_, end := at.In(zone).ZoneBounds()
		if end.IsZero() || end.After(to) {
			end = to
		}
		fmt.Fprintf(&clock, "%d until %d, ", offset, end.Unix())
		at = end
	}
	return clock.String()
}
