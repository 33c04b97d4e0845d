package schedule

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func mustParseText(t *testing.T, text string) *Schedule {
	t.Helper()
	s, err := ParseText(text)
	if err != nil {
		t.Fatalf("parse %q: %v", text, err)
	}
	return s
}

// same reports how two schedules differ.
func same(a, b *Schedule) string {
	return cmp.Diff(a, b, cmp.AllowUnexported(Schedule{}, window{}, exception{}))
}

func TestParseTextReadsWhatAnObjectSays(t *testing.T) {
	t.Parallel()
	for text, running := range map[string][]string{
		"mon-fri 08:00-19:30 / sat+sun 10:00-14:00":     {"mon-fri 08:00-19:30", "sat,sun 10:00-14:00"},
		"mon-fri 08:00-19:30/sat+sun 10:00-14:00":       {"mon-fri 08:00-19:30", "sat,sun 10:00-14:00"},
		"  daily   00:00-24:00  ":                       {"daily 00:00-24:00"},
		"Mon + WED-Friday 08:00 - 09:00":                {"mon,wed-fri 08:00-09:00"},
		"fri-mon 22:00-02:00":                           {"fri,sat,sun,mon 22:00-02:00"},
		"weekdays+sat 23:59-00:00 / weekends 8:00-9:00": nil,
		"weekdays+sat 23:59-00:00 / sun 08:00-08:00":    {"mon-sat 23:59-24:00", "sun 08:00-08:00"},
	} {
		if running == nil {
			if _, err := ParseText(text); err == nil {
				t.Errorf("%q: got no error", text)
			}
			continue
		}
		if diff := same(mustParse(t, Spec{Running: running}), mustParseText(t, text)); diff != "" {
			t.Errorf("%q (-object +text):\n%s", text, diff)
		}
	}
}

func TestParseTextPointsAtWhatIsWrong(t *testing.T) {
	t.Parallel()
	const (
		days    = "is not a day: write mon, tue, wed, thu, fri, sat or sun, or daily, weekdays or weekends"
		hours   = "is not a time: write HH:MM, from 00:00 to 24:00"
		windows = `is not a window: write days and times, such as "mon-fri 08:00-19:30"`
		missing = `a window is missing beside a slash: write "mon-fri 08:00-19:30 / sat+sun 10:00-14:00"`
		empty   = `the schedule is empty: write windows, such as "mon-fri 08:00-19:30 / sat+sun 10:00-14:00"`
		foreign = "cannot be in a schedule: write letters, digits, spaces and the signs - + : /, which every cloud allows " +
			"in a tag"
	)
	for _, tt := range []struct{ name, text, want string }{
		{"nothing", "", empty},
		{"spaces", "   ", empty},
		{"a slash alone", "/", "character 1: " + missing + "\ncharacter 2: " + missing},
		{"a slash at the end", "daily 08:00-09:00 / ", "character 20: " + missing},
		{"a slash at the beginning", "/ daily 08:00-09:00", "character 1: " + missing},
		{"two slashes", "mon 08:00-09:00 // tue 08:00-09:00", "character 18: " + missing},
		{"days alone", "mon-fri", `character 1: "mon-fri" ` + windows},
		{"days alone, further on", "mon 08:00-09:00 /  tue ", `character 20: "tue" ` + windows},
		{"times alone", "08:00-09:00", `character 1: "08:00-09:00" ` + windows},
		{
			"windows without a slash", "mon 08:00-09:00 tue 08:00-09:00",
			`character 1: "mon 08:00-09:00 tue 08:00-09:00" ` + windows,
		},
		{"a word", "office", `character 1: "office" ` + windows},
		{"a misspelled day", "mon-fry 08:00-19:30", `character 5: "fry" ` + days},
		{"a misspelled day after spaces", "  mon  -  fry 08:00-19:30", `character 11: "fry" ` + days},
		{
			"a misspelled day of the second window", "mon-fri 08:00-19:30 / sat+sunn 10:00-14:00",
			`character 27: "sunn" ` + days,
		},
		{"a joint without a day", "sat++sun 10:00-14:00", `character 5: "" ` + days},
		{"a range of three days", "mon-tue-wed 08:00-19:30", `character 5: "tue-wed" ` + days},
		{"a range of words", "daily-mon 08:00-19:30", `character 1: "daily" ` + days},
		{"a time of one digit", "mon 8:00-19:30", `character 5: "8:00" ` + hours},
		{"an end of one digit", "mon 08:00 - 9:30", `character 13: "9:30" ` + hours},
		{"a time after midnight", "mon 20:00-24:30", `character 11: "24:30" ` + hours},
		{
			"a start at 24:00", "mon 24:00-02:00",
			`character 5: "24:00" cannot be the start of a window: write 00:00 of the next day`,
		},
		{"one time", "mon 08:00", `character 5: "08:00" is not a range of times: write start and end, such as "08:00-19:30"`},
		{
			"a comma", "sat,sun 10:00-14:00",
			`character 4: "," cannot be in a schedule, as not every cloud allows it in a tag: join days with +, ` +
				`such as "sat+sun"`,
		},
		{
			"a semicolon", "sat 10:00-14:00; sun 10:00-14:00",
			`character 16: ";" cannot be in a schedule: separate windows with /`,
		},
		{"a tab", "sat\t10:00-14:00", `character 4: "\t" ` + foreign},
		{"a dash of a word processor", "mon\u2013fri 08:00-19:30", `character 4: "–" ` + foreign},
		{"a character of several bytes before it", "mön 08:00-19:30", `character 2: "ö" ` + foreign},
		{"no text at all", "\xff", `character 1: "\xff" ` + foreign},
		{"an escape", "\x1b[31m", `character 1: "\x1b" ` + foreign},
		{"JSON", `{"running":[]}`, `character 1: "{" ` + foreign},
		{
			"a date", "mon 08:00-09:00 / 2026-12-25 08:00-09:00",
			`character 19: "2026-12-25" is a date, which a string cannot have: write an object with stopped_dates or ` +
				`running_dates`,
		},
		{
			"several windows", "x / mon 08:00-09:00 / tue 8:00-9:00",
			`character 1: "x" ` + windows + "\n" + `character 27: "8:00" ` + hours,
		},
		{
			"a long word", strings.Repeat("x", 61) + " 08:00-09:00",
			`character 1: "` + strings.Repeat("x", 60) + `"... ` + days,
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, err := ParseText(tt.text)
			if err == nil {
				t.Fatal("got no error")
			}
			if diff := cmp.Diff(tt.want, err.Error()); diff != "" {
				t.Errorf("error (-want +got):\n%s", diff)
			}
		})
	}
}

// write writes a schedule without exceptions as a text.
func (s *Schedule) write() string {
	var windows []string
	for weekday, all := range s.windows {
		for _, w := range all {
			to := w.to
			if to > secondsPerDay {
				to -= secondsPerDay
			}
			name := [...]string{"sun", "mon", "tue", "wed", "thu", "fri", "sat"}[weekday]
			windows = append(windows, fmt.Sprintf("%s %s-%s", name, shown(w.from), shown(to)))
		}
	}
	return strings.Join(windows, " / ")
}

func shown(seconds int64) string { return fmt.Sprintf("%02d:%02d", seconds/3600, seconds/60%60) }

// wantRoundTrip wants a text that is accepted to say the same when its windows
// are written as an object, and when the schedule is written anew.
func wantRoundTrip(t *testing.T, text string, s *Schedule) {
	t.Helper()
	if diff := same(s, mustParse(t, Spec{Running: strings.Split(text, "/")})); diff != "" {
		t.Errorf("%q as an object (-text +object):\n%s", text, diff)
	}
	if diff := same(s, mustParseText(t, s.write())); diff != "" {
		t.Errorf("%q written as %q (-text +written):\n%s", text, s.write(), diff)
	}
}

func TestTextsSurviveARoundTrip(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(1, 2)) //nolint:gosec // A test must be repeatable.
	pick := func(words ...string) string { return words[random.IntN(len(words))] }
	day := func() string {
		return pick("mon", "Tuesday", "WED", "thu", "fri", "sat", "sun")
	}
	for range 2000 {
		var windows []string
		for range 1 + random.IntN(4) {
			var days []string
			for range 1 + random.IntN(3) {
				days = append(days, pick(day(), day()+pick("-", " - ")+day(), "daily", "weekdays", "weekends"))
			}
			from, to := int64(random.IntN(24*60))*60, int64(random.IntN(24*60+1))*60
			times := shown(from) + pick("-", " - ") + shown(to)
			windows = append(windows, strings.Join(days, pick("+", " + "))+pick(" ", "   ")+times)
		}
		text := strings.Join(windows, pick("/", " / "))
		wantRoundTrip(t, text, mustParseText(t, text))
	}
}

func FuzzText(f *testing.F) {
	for _, seed := range []string{
		"mon-fri 08:00-19:30 / sat+sun 10:00-14:00", "", "/", " ", "daily 00:00-24:00", "fri-mon 22:00-02:00",
		"mon 8:00-9:00", "sat,sun 10:00-14:00", "2026-12-25", "\xff\x00", "\x1b[31m", "mon\u202e08:00-09:00",
		"mon -- 08:00-09:00", "+ 00:00-00:00",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		s, err := ParseText(text)
		if err != nil {
			wantText(t, err.Error())
			return
		}
		wantRoundTrip(t, text, s)
	})
}
