package schedule

import (
	"testing"
)

// November 2026 begins on a Sunday: the 23rd is a Monday.
func TestWeek(t *testing.T) {
	t.Parallel()
	const monday, nextMonday = "2026-11-23T00:00:00Z", "2026-11-30T00:00:00Z"
	checkHistories(t, []historyCase{
		{
			name: "windows on several days", zone: "UTC", from: monday, to: nextMonday,
			running: []string{"mon-wed 08:00-19:30", "sat 10:00-14:00"},
			want: []string{
				"stopped", "2026-11-23T08:00:00Z running", "2026-11-23T19:30:00Z stopped",
				"2026-11-24T08:00:00Z running", "2026-11-24T19:30:00Z stopped", "2026-11-25T08:00:00Z running",
				"2026-11-25T19:30:00Z stopped",
				"2026-11-28T10:00:00Z running", "2026-11-28T14:00:00Z stopped",
			},
		},
		{
			name: "several windows on a day, in no order", zone: "UTC", from: monday, to: "2026-11-24T00:00:00Z",
			running: []string{"mon 14:00-18:00", "mon 08:00-12:00"},
			want: []string{
				"stopped", "2026-11-23T08:00:00Z running", "2026-11-23T12:00:00Z stopped", "2026-11-23T14:00:00Z running",
				"2026-11-23T18:00:00Z stopped",
			},
		},
		{
			name: "windows that overlap or meet are one", zone: "UTC", from: monday, to: nextMonday,
			running: []string{"mon 08:00-12:00", "mon 11:00-15:00", "mon 15:00-16:00", "mon 09:00-10:00"},
			want:    []string{"stopped", "2026-11-23T08:00:00Z running", "2026-11-23T16:00:00Z stopped"},
		},
		{
			name: "a window over midnight belongs to the day on which it begins", zone: "UTC", from: monday, to: nextMonday,
			running: []string{"fri 22:00-02:00"},
			want:    []string{"stopped", "2026-11-27T22:00:00Z running", "2026-11-28T02:00:00Z stopped"},
		},
		{
			name: "a window over the end of the week", zone: "UTC", from: monday, to: nextMonday,
			running: []string{"sun 22:00-02:00"},
			want:    []string{"running", "2026-11-23T02:00:00Z stopped", "2026-11-29T22:00:00Z running"},
		},
		{
			name: "a range over the end of the week", zone: "UTC", from: monday, to: nextMonday,
			running: []string{"sat-mon 00:00-24:00"},
			want:    []string{"running", "2026-11-24T00:00:00Z stopped", "2026-11-28T00:00:00Z running"},
		},
		{
			name: "equal start and end are a whole day from there", zone: "UTC", from: monday, to: nextMonday,
			running: []string{"wed 08:00-08:00"},
			want:    []string{"stopped", "2026-11-25T08:00:00Z running", "2026-11-26T08:00:00Z stopped"},
		},
		{
			name: "until 00:00 is until 24:00", zone: "UTC", from: monday, to: nextMonday,
			running: []string{"wed 08:00-00:00"},
			want:    []string{"stopped", "2026-11-25T08:00:00Z running", "2026-11-26T00:00:00Z stopped"},
		},
		{
			name: "weekdays and weekends are the whole week", zone: "UTC", from: monday, to: nextMonday,
			running: []string{"weekdays 00:00-24:00", "weekends 00:00-24:00"}, want: []string{"running", "never"},
		},
		{
			name: "daily around the clock never changes", zone: "Europe/Berlin", from: monday, to: nextMonday,
			running: []string{"daily 00:00-24:00"}, want: []string{"running", "never"},
		},
		{
			name: "daily from eight to eight neither", zone: "Europe/Berlin", from: monday, to: nextMonday,
			running: []string{"daily 08:00-08:00"}, want: []string{"running", "never"},
		},
		{
			name: "without windows it is stopped for ever", zone: "Europe/Berlin", from: monday, to: nextMonday,
			want: []string{"stopped", "never"},
		},
		{
			name: "lists, full names, capitals and white space", zone: "UTC", from: monday, to: nextMonday,
			running: []string{" Monday , WED  08:00 - 09:00 ", "Thu-Friday\t20:00-21:00"},
			want: []string{
				"stopped", "2026-11-23T08:00:00Z running", "2026-11-23T09:00:00Z stopped", "2026-11-25T08:00:00Z running",
				"2026-11-25T09:00:00Z stopped",
				"2026-11-26T20:00:00Z running", "2026-11-26T21:00:00Z stopped", "2026-11-27T20:00:00Z running",
				"2026-11-27T21:00:00Z stopped",
			},
		},
		{
			name: "the weekday is the zone's, not that of UTC", zone: "Asia/Shanghai", from: "2026-11-22T10:00:00Z",
			to:      "2026-11-24T00:00:00Z",
			running: []string{"mon 06:00-07:00"},
			want:    []string{"stopped", "2026-11-23T06:00:00+08:00 running", "2026-11-23T07:00:00+08:00 stopped"},
		},
	})
}

func TestExceptions(t *testing.T) {
	t.Parallel()
	const wednesday, sunday = "2026-12-23T12:00:00Z", "2026-12-27T12:00:00Z"
	checkHistories(t, []historyCase{
		{
			name: "a stopped date wins over its windows", zone: "UTC", from: wednesday, to: sunday,
			running: []string{"daily 08:00-18:00"}, stopped: []string{"2026-12-24/2026-12-26"},
			want: []string{"running", "2026-12-23T18:00:00Z stopped", "2026-12-27T08:00:00Z running"},
		},
		{
			name: "and over the rest of a window of the day before", zone: "UTC", from: wednesday, to: sunday,
			running: []string{"thu 22:00-04:00"}, stopped: []string{"2026-12-25"},
			want: []string{"stopped", "2026-12-24T22:00:00Z running", "2026-12-25T00:00:00Z stopped"},
		},
		{
			name: "a window of a stopped date does not take place after midnight either", zone: "UTC", from: wednesday,
			to:      sunday,
			running: []string{"fri 22:00-04:00"}, stopped: []string{"2026-12-25"},
			want: []string{"stopped"},
		},
		{
			name: "a running date wins over the lack of windows", zone: "UTC", from: wednesday, to: sunday,
			running: []string{"thu 08:00-18:00"}, exact: []string{"2026-12-25"},
			want: []string{
				"stopped", "2026-12-24T08:00:00Z running", "2026-12-24T18:00:00Z stopped",
				"2026-12-25T00:00:00Z running", "2026-12-26T00:00:00Z stopped",
			},
		},
		{
			name: "a window of a running date lasts over midnight", zone: "UTC", from: wednesday, to: sunday,
			running: []string{"fri 22:00-04:00"}, exact: []string{"2026-12-25"},
			want: []string{"stopped", "2026-12-25T00:00:00Z running", "2026-12-26T04:00:00Z stopped"},
		},
		{
			name: "dates beside each other are one time", zone: "UTC", from: wednesday, to: sunday,
			exact: []string{"2026-12-26", "2026-12-25", "2026-12-25/2026-12-25"},
			want:  []string{"stopped", "2026-12-25T00:00:00Z running", "2026-12-27T00:00:00Z stopped", "never"},
		},
		{
			name: "a long range holds a short one", zone: "UTC", from: wednesday, to: "2027-02-01T00:00:00Z",
			running: []string{"daily 00:00-24:00"}, stopped: []string{"2026-12-24/2027-01-10", "2026-12-25/2026-12-26"},
			want: []string{"running", "2026-12-24T00:00:00Z stopped", "2027-01-11T00:00:00Z running", "never"},
		},
		{
			name: "a running date beside a stopped one", zone: "UTC", from: wednesday, to: sunday,
			stopped: []string{"2026-12-24"}, exact: []string{"2026-12-25"},
			want: []string{"stopped", "2026-12-25T00:00:00Z running", "2026-12-26T00:00:00Z stopped", "never"},
		},
		{
			name: "an exception that is years away is found", zone: "Asia/Shanghai", from: wednesday, to: "2100-01-01T00:00:00Z",
			running: []string{"daily 00:00-24:00"}, stopped: []string{"2031-05-01", "2099-12-31"},
			want: []string{
				"running", "2031-05-01T00:00:00+08:00 stopped", "2031-05-02T00:00:00+08:00 running",
				"2099-12-31T00:00:00+08:00 stopped", "2100-01-01T00:00:00+08:00 running", "never",
			},
		},
		{
			name: "the first of changes after a long holiday is a window's", zone: "UTC", from: wednesday,
			to:      "2028-01-03T12:00:00Z",
			running: []string{"mon 08:00-18:00"}, stopped: []string{"2026-12-01/2027-12-31"},
			want: []string{"stopped", "2028-01-03T08:00:00Z running"},
		},
		{
			name: "stopped for ever from a date on", zone: "UTC", from: wednesday, to: sunday,
			running: []string{"daily 00:00-24:00"}, stopped: []string{"2026-12-25/9999-12-31"},
			want: []string{"running", "2026-12-25T00:00:00Z stopped", "never"},
		},
		{
			name: "exceptions that are over no longer matter", zone: "UTC", from: wednesday, to: sunday,
			running: []string{"daily 00:00-24:00"}, stopped: []string{"2020-01-01"}, want: []string{"running", "never"},
		},
	})
}

func TestRunningAtTheEdges(t *testing.T) {
	t.Parallel()
	s, berlin := mustParse(t, Spec{Running: []string{"mon 08:00-19:30"}}), mustZone(t, "Europe/Berlin")
	for _, tt := range []struct {
		at   string
		want bool
	}{
		{"2026-11-23T07:59:59.999999999+01:00", false},
		{"2026-11-23T08:00:00+01:00", true},
		{"2026-11-23T07:00:00Z", true},
		{"2026-11-23T15:00:00+08:00", true},
		{"2026-11-23T19:29:59.999+01:00", true},
		{"2026-11-23T19:30:00+01:00", false},
	} {
		if got := s.Running(mustTime(t, tt.at), berlin); got != tt.want {
			t.Errorf("running at %s: got %t, want %t", tt.at, got, tt.want)
		}
	}
}

func TestNextChangeIsAfterAFractionOfASecond(t *testing.T) {
	t.Parallel()
	s, utc := mustParse(t, Spec{Running: []string{"mon 08:00-19:30"}}), mustZone(t, "UTC")
	for at, want := range map[string]string{
		"2026-11-23T07:59:59.5Z":       "2026-11-23T08:00:00Z",
		"2026-11-23T08:00:00Z":         "2026-11-23T19:30:00Z",
		"2026-11-23T08:00:00.5Z":       "2026-11-23T19:30:00Z",
		"9999-12-30T00:00:00Z":         "",
		"9999-12-27T08:00:00Z":         "9999-12-27T19:30:00Z",
		"0000-01-01T00:00:00Z":         "0000-01-03T08:00:00Z",
		"0000-01-01T00:00:00.1+23:59":  "0000-01-03T08:00:00Z",
		"2026-11-29T23:59:59.99-23:59": "2026-12-07T08:00:00Z",
	} {
		got := ""
		if next, ok := s.NextChange(mustTime(t, at), utc); ok {
			got = FormatTimestamp(next, utc)
		}
		if got != want {
			t.Errorf("next change after %s: got %q, want %q", at, got, want)
		}
	}
}
