package schedule

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"
)

// tableDays is how many days before and after its middle a table has.
const tableDays = 4

// table is what a zone's clock shows in the minutes around an instant: the slow
// and plain way to find out when the clock shows something.
type table struct {
	start int64   // The instant of the first minute.
	wall  []int64 // What the clock shows in each minute, as seconds.
}

func newTable(middle time.Time, zone *time.Location) table {
	tab := table{start: middle.Unix() - tableDays*secondsPerDay}
	for minute := range int64(2 * tableDays * 24 * 60) {
		at := time.Unix(tab.start+minute*60, 0).In(zone)
		shown := time.Date(at.Year(), at.Month(), at.Day(), at.Hour(), at.Minute(), 0, 0, time.UTC)
		tab.wall = append(tab.wall, shown.Unix())
	}
	return tab
}

// begins is the first minute that shows a time or a later one.
func (tab table) begins(wall int64) int {
	for i, shown := range tab.wall {
		if shown >= wall {
			return i
		}
	}
	return len(tab.wall)
}

// ends is the minute after the last that shows an earlier time.
func (tab table) ends(wall int64) int {
	for i := len(tab.wall) - 1; i >= 0; i-- {
		if tab.wall[i] < wall {
			return i + 1
		}
	}
	return 0
}

// draft is a random schedule, as text and as what it means.
type draft struct {
	spec       Spec
	windows    [7][]window
	exceptions map[day]bool
}

func newDraft(random *rand.Rand, middle day) draft {
	d := draft{exceptions: map[day]bool{}}
	for range 1 + random.IntN(6) {
		weekday := time.Weekday(random.IntN(7))
		// Most clock changes are early on a Sunday.
		if random.IntN(2) == 0 {
			weekday = time.Sunday
		}
		from, to := int64(random.IntN(24*4))*15, int64(random.IntN(24*12+1))*5
		if random.IntN(2) == 0 {
			from, to = int64(random.IntN(5*12))*5, int64(random.IntN(5*12))*5
		}
		d.spec.Running = append(d.spec.Running,
			fmt.Sprintf("%s %02d:%02d-%02d:%02d", weekday, from/60, from%60, to/60, to%60))
		if to <= from {
			to += 24 * 60
		}
		d.windows[weekday] = append(d.windows[weekday], window{from: from * 60, to: to * 60})
	}
	for range random.IntN(3) {
		date := middle + day(random.IntN(5)-2)
		if _, has := d.exceptions[date]; has {
			continue
		}
		running := random.IntN(2) == 0
		d.exceptions[date] = running
		if running {
			d.spec.RunningDates = append(d.spec.RunningDates, date.String())
		} else {
			d.spec.StoppedDates = append(d.spec.StoppedDates, date.String())
		}
	}
	return d
}

// states are the answers for each minute of a table; those within two days of
// its edges may miss what lies beyond.
func (d draft) states(tab table) []bool {
	out := make([]bool, len(tab.wall))
	set := func(from, to int, running bool) {
		for i := from; i < to; i++ {
			out[i] = running
		}
	}
	first, last := dayOf(tab.wall[0]), dayOf(tab.wall[len(tab.wall)-1])
	for date := first; date <= last; date++ {
		if running, has := d.exceptions[date]; has && !running {
			continue
		}
		for _, w := range d.windows[date.weekday()] {
			set(tab.begins(date.at(w.from)), tab.ends(date.at(w.to)), true)
		}
	}
	for date, running := range d.exceptions {
		set(tab.begins(date.at(0)), tab.begins((date + 1).at(0)), running)
	}
	return out
}

// Each minute around clock changes, the answers are those of a reading of the
// clock minute by minute, and the next change is the next minute in which the
// answer differs.
func TestAnswersAreThoseOfReadingTheClock(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ zone, middle string }{
		{"Europe/Berlin", "2026-03-29T01:00:00Z"},
		{"Europe/Berlin", "2026-10-25T01:00:00Z"},
		{"America/New_York", "2026-03-08T07:00:00Z"},
		{"America/New_York", "2026-11-01T06:00:00Z"},
		{"Australia/Lord_Howe", "2026-04-04T15:00:00Z"},
		{"Australia/Lord_Howe", "2026-10-03T15:30:00Z"},
		{"Asia/Shanghai", "2026-10-25T01:00:00Z"},
		{"America/Havana", "2026-03-08T05:00:00Z"},
		{"America/Havana", "2026-11-01T05:00:00Z"},
		{"America/St_Johns", "2006-10-29T02:31:00Z"},
		{"Pacific/Apia", "2011-12-30T10:00:00Z"},
		{"Pacific/Kwajalein", "1969-09-30T13:00:00Z"},
		{"Europe/Berlin", "2096-12-31T12:00:00Z"},
	} {
		t.Run(tt.zone+" "+tt.middle, func(t *testing.T) {
			t.Parallel()
			zone, middle := mustZone(t, tt.zone), mustTime(t, tt.middle)
			tab := newTable(middle, zone)
			for seed := range uint64(4) {
				random := rand.New(rand.NewPCG(seed, 1)) //nolint:gosec // A test must be repeatable.
				checkDraft(t, newDraft(random, dayOf(middle.Unix())), tab, zone)
				if t.Failed() {
					t.Fatalf("seed %d", seed)
				}
			}
		})
	}
}

func checkDraft(t *testing.T, d draft, tab table, zone *time.Location) {
	t.Helper()
	s, want := mustParse(t, d.spec), d.states(tab)
	instant := func(i int) time.Time { return time.Unix(tab.start+int64(i)*60, 0) }
	const edge = 2 * 24 * 60
	var change time.Time // the change that comes next, as long as it is not reached
	for i := edge; i < len(want)-edge; i++ {
		at := instant(i)
		if got := s.Running(at, zone); got != want[i] {
			t.Errorf("%+v: running at %s: got %t, want %t", d.spec, FormatTimestamp(at, zone), got, want[i])
			return
		}
		changed := i > edge && want[i] != want[i-1]
		if reached := !change.IsZero() && !at.Before(change); changed != reached || changed && !at.Equal(change) {
			t.Errorf("%+v: the next change is said to be %s; changed at %s: %t", d.spec, FormatTimestamp(change, zone),
				FormatTimestamp(at, zone), changed)
			return
		}
		if changed || i == edge {
			next, ok := s.NextChange(at, zone)
			if !ok {
				next = instant(len(want))
			}
			change = next
		}
	}
}
