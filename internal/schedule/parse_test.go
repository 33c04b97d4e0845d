package schedule

import (
	"testing"
	"time"
)

func TestParseNamesWhatIsWrong(t *testing.T) {
	t.Parallel()
	const days = "write mon, tue, wed, thu, fri, sat or sun, or daily, weekdays or weekends"
	for _, tt := range []struct {
		name string
		spec Spec
		want string
	}{
		{
			"an empty window",
			Spec{Running: []string{""}},
			`running[0]: "" is not a window: write days and times, such as "mon-fri 08:00-19:30"`,
		},
		{
			"days without times",
			Spec{Running: []string{"mon-fri"}},
			`running[0]: "mon-fri" is not a window: write days and times, such as "mon-fri 08:00-19:30"`,
		},
		{
			"days with nothing between them",
			Spec{Running: []string{"mon tue 08:00-09:00"}},
			`running[0]: "mon tue 08:00-09:00" is not a window: write days and times, such as "mon-fri 08:00-19:30"`,
		},
		{
			"a misspelled day",
			Spec{Running: []string{"daily 08:00-09:00", "mon-fry 08:00-19:30"}},
			`running[1]: "mon-fry 08:00-19:30": "fry" is not a day: ` + days,
		},
		{
			"an open range of days",
			Spec{Running: []string{"mon- 08:00-19:30"}},
			`running[0]: "mon- 08:00-19:30" is not a window: write days and times, such as "mon-fri 08:00-19:30"`,
		},
		{
			"a range of words",
			Spec{Running: []string{"daily-mon 08:00-19:30"}},
			`running[0]: "daily-mon 08:00-19:30": "daily" is not a day: ` + days,
		},
		{
			"a range of three days",
			Spec{Running: []string{"mon-tue-wed 08:00-19:30"}},
			`running[0]: "mon-tue-wed 08:00-19:30": "tue-wed" is not a day: ` + days,
		},
		{
			"an empty part of a list",
			Spec{Running: []string{"mon,,tue 08:00-19:30"}},
			`running[0]: "mon,,tue 08:00-19:30": "" is not a day: ` + days,
		},
		{
			"one time alone",
			Spec{Running: []string{"mon 08:00"}},
			`running[0]: "mon 08:00": "08:00" is not a range of times: write start and end, such as "08:00-19:30"`,
		},
		{
			"a time of one digit",
			Spec{Running: []string{"mon 8:00-19:30"}},
			`running[0]: "mon 8:00-19:30": "8:00" is not a time: write HH:MM, from 00:00 to 24:00`,
		},
		{
			"a time after 24:00",
			Spec{Running: []string{"mon 08:00-24:01"}},
			`running[0]: "mon 08:00-24:01": "24:01" is not a time: write HH:MM, from 00:00 to 24:00`,
		},
		{
			"a time with sixty minutes",
			Spec{Running: []string{"mon 08:60-09:00"}},
			`running[0]: "mon 08:60-09:00": "08:60" is not a time: write HH:MM, from 00:00 to 24:00`,
		},
		{
			"a time with a sign",
			Spec{Running: []string{"mon 08:00--9:00"}},
			`running[0]: "mon 08:00--9:00": "-9:00" is not a time: write HH:MM, from 00:00 to 24:00`,
		},
		{
			"a start at 24:00",
			Spec{Running: []string{"mon 24:00-02:00"}},
			`running[0]: "mon 24:00-02:00": "24:00" cannot be the start of a window: write 00:00 of the next day`,
		},
		{
			"a date that does not exist",
			Spec{StoppedDates: []string{"2026-02-29"}},
			`stopped_dates[0]: "2026-02-29" is not a date: write YYYY-MM-DD, or two of them with a slash for a range`,
		},
		{
			"a date of another form",
			Spec{RunningDates: []string{"28.11.2026"}},
			`running_dates[0]: "28.11.2026" is not a date: write YYYY-MM-DD, or two of them with a slash for a range`,
		},
		{
			"an open range of dates",
			Spec{RunningDates: []string{"2026-11-28/"}},
			`running_dates[0]: "" is not a date: write YYYY-MM-DD, or two of them with a slash for a range`,
		},
		{
			"a range of dates that ends before it begins",
			Spec{StoppedDates: []string{"2027-01-02/2026-12-24"}},
			`stopped_dates[0]: "2027-01-02/2026-12-24" ends before it begins`,
		},
		{
			"a date that is stopped and running",
			Spec{
				StoppedDates: []string{"2026-05-01", "2026-12-24/2027-01-02"},
				RunningDates: []string{"2026-11-28", "2026-12-28/2026-12-29"},
			},
			`stopped_dates[1] and running_dates[1] both name 2026-12-28: a date is stopped or running`,
		},
		{
			"a date that is running and, in a later range, stopped",
			Spec{StoppedDates: []string{"2026-12-25"}, RunningDates: []string{"2026-12-01/2026-12-31", "2026-12-02"}},
			`stopped_dates[0] and running_dates[0] both name 2026-12-25: a date is stopped or running`,
		},
		{
			"several problems, one a line",
			Spec{Running: []string{"x", "mon 08:00-09:00", "mon 9:00-10:00"}, StoppedDates: []string{"y"}},
			`running[0]: "x" is not a window: write days and times, such as "mon-fri 08:00-19:30"` + "\n" +
				`running[2]: "mon 9:00-10:00": "9:00" is not a time: write HH:MM, from 00:00 to 24:00` + "\n" +
				`stopped_dates[0]: "y" is not a date: write YYYY-MM-DD, or two of them with a slash for a range`,
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, err := Parse(tt.spec)
			if err == nil {
				t.Fatal("got no error")
			}
			if got := err.Error(); got != tt.want {
				t.Errorf("error:\ngot  %s\nwant %s", got, tt.want)
			}
		})
	}
}

func TestLoadZone(t *testing.T) {
	t.Parallel()
	for _, name := range []string{
		"UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Shanghai", "Etc/GMT-8",
	} {
		if _, err := LoadZone(name); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, name := range []string{
		"", "Local", "local", "localtime", "posixrules", "right/Europe/Berlin", "Europe/Berln", "+08:00", "../etc/passwd",
		"/etc/localtime",
	} {
		want := `"` + name + `" is not a time zone: write a name of the IANA database, such as "Europe/Berlin" or "UTC"`
		_, err := LoadZone(name)
		if err == nil || err.Error() != want {
			t.Errorf("%q: got %v, want %s", name, err, want)
		}
	}
}

func TestTimestamps(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"", "now", "2026-11-28", "2026-11-28T08:00:00", "2026-11-28 08:00:00Z", "2026-11-28T8:00:00Z", "2026-11-28T24:00:00Z",
		"2026-02-30T08:00:00Z", "2026-11-28T08:00:00,5Z",
	} {
		want := `"` + text + `" is not a timestamp: write it in the form of RFC 3339, such as "2026-11-28T08:00:00Z"`
		if _, err := ParseTimestamp(text); err == nil || err.Error() != want {
			t.Errorf("%q: got %v, want %s", text, err, want)
		}
	}
	at := mustTime(t, "2026-11-28T08:00:00+08:00")
	for zone, want := range map[string]string{
		"UTC": "2026-11-28T00:00:00Z", "Asia/Shanghai": "2026-11-28T08:00:00+08:00",
		"America/St_Johns": "2026-11-27T20:30:00-03:30",
	} {
		if got := FormatTimestamp(at, mustZone(t, zone)); got != want {
			t.Errorf("in %s: got %s, want %s", zone, got, want)
		}
	}
	// Berlin's mean time was 53 minutes and 28 seconds ahead.
	early := time.Date(1890, 1, 1, 0, 0, 0, 0, time.UTC)
	if got, want := FormatTimestamp(early, mustZone(t, "Europe/Berlin")), "1890-01-01T00:00:00Z"; got != want {
		t.Errorf("before standard time: got %s, want %s", got, want)
	}
}

func TestFormatTimestampAtTheFirstYear(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		at   time.Time
		zone *time.Location
		want string
	}{
		"the zone's clock": {
			time.Date(2026, 7, 1, 8, 0, 0, 0, time.UTC), mustZone(t, "Europe/Berlin"), "2026-07-01T10:00:00+02:00",
		},
		"UTC where the offset has seconds": {
			time.Date(0, 6, 1, 0, 0, 0, 0, time.UTC), mustZone(t, "Europe/Berlin"), "0000-06-01T00:00:00Z",
		},
		"UTC where the zone's clock shows the year before 0": {
			time.Date(0, 1, 1, 4, 0, 0, 0, time.UTC), mustZone(t, "Etc/GMT+5"), "0000-01-01T04:00:00Z",
		},
		"a rounded offset where UTC is in the year before 0": {
			time.Date(-1, 12, 31, 23, 6, 32, 0, time.UTC), mustZone(t, "Europe/Berlin"), "0000-01-01T00:00:32+00:54",
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := FormatTimestamp(test.at, test.zone)
			if got != test.want {
				t.Errorf("got %s, want %s", got, test.want)
			}
			if parsed := mustTime(t, got); !parsed.Equal(test.at) {
				t.Errorf("%s is %s, want %s", got, parsed, test.at)
			}
		})
	}
}
