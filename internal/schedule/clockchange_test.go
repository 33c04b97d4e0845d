package schedule

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

// historyCase is what a schedule asks for between two instants.
type historyCase struct {
	name           string
	zone           string
	running        []string
	stopped, exact []string // The dates on which the whole day is stopped, or running.
	from, to       string
	want           []string
}

func checkHistories(t *testing.T, tests []historyCase) {
	t.Helper()
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got := history(t, Spec{Running: tt.running, StoppedDates: tt.stopped, RunningDates: tt.exact}, tt.zone, tt.from,
				tt.to)
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("history (-want +got):\n%s", diff)
			}
		})
	}
}

func TestClockPutForward(t *testing.T) {
	t.Parallel()
	const (
		berlin, berlinFrom, berlinTo    = "Europe/Berlin", "2026-03-28T12:00:00+01:00", "2026-03-29T12:00:00+02:00"
		newYork, newYorkFrom, newYorkTo = "America/New_York", "2026-03-07T12:00:00-05:00", "2026-03-08T12:00:00-04:00"
		lordHowe                        = "Australia/Lord_Howe"
		lordHoweFrom, lordHoweUntil     = "2026-10-03T12:00:00+10:30", "2026-10-04T12:00:00+11:00"
		havana, havanaFrom, havanaTo    = "America/Havana", "2026-03-07T12:00:00-05:00", "2026-03-08T12:00:00-04:00"
	)
	checkHistories(t, []historyCase{
		{
			name: "a start in the skipped hour moves to the first time that exists", zone: berlin, from: berlinFrom,
			to:      berlinTo,
			running: []string{"sun 02:30-04:00"},
			want:    []string{"stopped", "2026-03-29T03:00:00+02:00 running", "2026-03-29T04:00:00+02:00 stopped"},
		},
		{
			name: "an end in the skipped hour moves there too", zone: berlin, from: berlinFrom, to: berlinTo,
			running: []string{"sun 01:00-02:30"},
			want:    []string{"stopped", "2026-03-29T01:00:00+01:00 running", "2026-03-29T03:00:00+02:00 stopped"},
		},
		{
			name: "a window in the skipped hour does not take place", zone: berlin, from: berlinFrom, to: berlinTo,
			running: []string{"sun 02:10-02:50", "sun 06:00-07:00"},
			want:    []string{"stopped", "2026-03-29T06:00:00+02:00 running", "2026-03-29T07:00:00+02:00 stopped"},
		},
		{
			name: "a window across the change is an hour shorter", zone: berlin, from: berlinFrom, to: berlinTo,
			running: []string{"sat 22:00-04:00"},
			want:    []string{"stopped", "2026-03-28T22:00:00+01:00 running", "2026-03-29T04:00:00+02:00 stopped"},
		},
		{
			name: "windows that meet in the skipped hour still meet", zone: berlin, from: berlinFrom, to: berlinTo,
			running: []string{"sun 01:00-02:30", "sun 02:30-05:00"},
			want:    []string{"stopped", "2026-03-29T01:00:00+01:00 running", "2026-03-29T05:00:00+02:00 stopped"},
		},
		{
			name: "an end at the change itself", zone: berlin, from: berlinFrom, to: berlinTo,
			running: []string{"sun 01:00-02:00", "sun 03:00-04:00"},
			want:    []string{"stopped", "2026-03-29T01:00:00+01:00 running", "2026-03-29T04:00:00+02:00 stopped"},
		},
		{
			name: "New York", zone: newYork, from: newYorkFrom, to: newYorkTo,
			running: []string{"sun 02:30-03:15"},
			want:    []string{"stopped", "2026-03-08T03:00:00-04:00 running", "2026-03-08T03:15:00-04:00 stopped"},
		},
		{
			name: "the half hour of Lord Howe, as a start", zone: lordHowe, from: lordHoweFrom, to: lordHoweUntil,
			running: []string{"sun 02:15-02:45"},
			want:    []string{"stopped", "2026-10-04T02:30:00+11:00 running", "2026-10-04T02:45:00+11:00 stopped"},
		},
		{
			name: "the half hour of Lord Howe, as an end", zone: lordHowe, from: lordHoweFrom, to: lordHoweUntil,
			running: []string{"sun 01:45-02:15"},
			want:    []string{"stopped", "2026-10-04T01:45:00+10:30 running", "2026-10-04T02:30:00+11:00 stopped"},
		},
		{
			name: "the half hour of Lord Howe as a whole", zone: lordHowe, from: lordHoweFrom, to: lordHoweUntil,
			running: []string{"sun 02:00-02:30"}, want: []string{"stopped"},
		},
		{
			name: "Shanghai has no clock changes", zone: "Asia/Shanghai", from: "2026-03-28T12:00:00+08:00",
			to:      "2026-03-29T12:00:00+08:00",
			running: []string{"sun 02:30-03:30"},
			want:    []string{"stopped", "2026-03-29T02:30:00+08:00 running", "2026-03-29T03:30:00+08:00 stopped"},
		},
		{
			name: "a day whose midnight is skipped begins at one", zone: havana, from: havanaFrom, to: havanaTo,
			running: []string{"sun 00:00-02:00"},
			want:    []string{"stopped", "2026-03-08T01:00:00-04:00 running", "2026-03-08T02:00:00-04:00 stopped"},
		},
		{
			name: "and the day before it ends there", zone: havana, from: havanaFrom, to: havanaTo,
			running: []string{"sat 20:00-24:00"},
			want:    []string{"stopped", "2026-03-07T20:00:00-05:00 running", "2026-03-08T01:00:00-04:00 stopped"},
		},
		{
			name: "a stopped date is that day of 23 hours", zone: berlin, from: berlinFrom, to: "2026-03-30T12:00:00+02:00",
			running: []string{"daily 00:00-24:00"}, stopped: []string{"2026-03-29"},
			want: []string{"running", "2026-03-29T00:00:00+01:00 stopped", "2026-03-30T00:00:00+02:00 running", "never"},
		},
		{
			name: "a date that a zone skipped at the date line does not take place", zone: "Pacific/Apia",
			from: "2011-12-28T12:00:00-10:00", to: "2012-01-01T12:00:00+14:00",
			running: []string{"thu 20:00-03:00", "fri 09:00-17:00"}, exact: []string{"2011-12-30"},
			want: []string{"stopped", "2011-12-29T20:00:00-10:00 running", "2011-12-31T00:00:00+14:00 stopped"},
		},
	})
}

func TestClockPutBack(t *testing.T) {
	t.Parallel()
	const (
		berlin, berlinFrom, berlinTo    = "Europe/Berlin", "2026-10-24T12:00:00+02:00", "2026-10-25T12:00:00+01:00"
		newYork, newYorkFrom, newYorkTo = "America/New_York", "2026-10-31T12:00:00-04:00", "2026-11-01T12:00:00-05:00"
		lordHowe                        = "Australia/Lord_Howe"
		lordHoweFrom, lordHoweUntil     = "2026-04-04T12:00:00+11:00", "2026-04-05T12:00:00+10:30"
		havana, havanaFrom, havanaTo    = "America/Havana", "2026-10-31T12:00:00-04:00", "2026-11-01T12:00:00-05:00"
	)
	checkHistories(t, []historyCase{
		{
			name: "a start in the repeated hour is the first occurrence", zone: berlin, from: berlinFrom, to: berlinTo,
			running: []string{"sun 02:30-04:00"},
			want:    []string{"stopped", "2026-10-25T02:30:00+02:00 running", "2026-10-25T04:00:00+01:00 stopped"},
		},
		{
			name: "an end in the repeated hour is the second", zone: berlin, from: berlinFrom, to: berlinTo,
			running: []string{"sun 01:00-02:30"},
			want:    []string{"stopped", "2026-10-25T01:00:00+02:00 running", "2026-10-25T02:30:00+01:00 stopped"},
		},
		{
			name: "a window in the repeated hour takes place once", zone: berlin, from: berlinFrom, to: berlinTo,
			running: []string{"sun 02:10-02:20"},
			want:    []string{"stopped", "2026-10-25T02:10:00+02:00 running", "2026-10-25T02:20:00+01:00 stopped"},
		},
		{
			name: "windows that meet in the repeated hour still meet", zone: berlin, from: berlinFrom, to: berlinTo,
			running: []string{"sun 01:00-02:30", "sun 02:30-05:00"},
			want:    []string{"stopped", "2026-10-25T01:00:00+02:00 running", "2026-10-25T05:00:00+01:00 stopped"},
		},
		{
			name: "an end where the repeated hour begins is not in it", zone: berlin, from: berlinFrom, to: berlinTo,
			running: []string{"sun 01:00-02:00"},
			want:    []string{"stopped", "2026-10-25T01:00:00+02:00 running", "2026-10-25T02:00:00+02:00 stopped"},
		},
		{
			name: "a start where the repeated hour ends comes once", zone: berlin, from: berlinFrom, to: berlinTo,
			running: []string{"sun 03:00-04:00"},
			want:    []string{"stopped", "2026-10-25T03:00:00+01:00 running", "2026-10-25T04:00:00+01:00 stopped"},
		},
		{
			name: "New York", zone: newYork, from: newYorkFrom, to: newYorkTo,
			running: []string{"sun 01:30-01:45"},
			want:    []string{"stopped", "2026-11-01T01:30:00-04:00 running", "2026-11-01T01:45:00-05:00 stopped"},
		},
		{
			name: "the half hour of Lord Howe", zone: lordHowe, from: lordHoweFrom, to: lordHoweUntil,
			running: []string{"sun 01:40-01:50"},
			want:    []string{"stopped", "2026-04-05T01:40:00+11:00 running", "2026-04-05T01:50:00+10:30 stopped"},
		},
		{
			name: "a window that ends before the half hour of Lord Howe", zone: lordHowe, from: lordHoweFrom, to: lordHoweUntil,
			running: []string{"sun 01:00-01:20"},
			want:    []string{"stopped", "2026-04-05T01:00:00+11:00 running", "2026-04-05T01:20:00+11:00 stopped"},
		},
		{
			name: "Shanghai has no clock changes", zone: "Asia/Shanghai", from: "2026-10-24T12:00:00+08:00",
			to:      "2026-10-25T12:00:00+08:00",
			running: []string{"sun 02:30-03:30"},
			want:    []string{"stopped", "2026-10-25T02:30:00+08:00 running", "2026-10-25T03:30:00+08:00 stopped"},
		},
		{
			name: "a day whose midnight comes twice begins at the first", zone: havana, from: havanaFrom, to: havanaTo,
			running: []string{"sun 00:00-02:00"},
			want:    []string{"stopped", "2026-11-01T00:00:00-04:00 running", "2026-11-01T02:00:00-05:00 stopped"},
		},
		{
			name: "and the day before it ends there, for a window until midnight too", zone: havana, from: havanaFrom,
			to:      havanaTo,
			running: []string{"sat 20:00-24:00"},
			want:    []string{"stopped", "2026-10-31T20:00:00-04:00 running", "2026-11-01T00:00:00-04:00 stopped"},
		},
		{
			name: "a day does not end twice where the clock goes back over midnight", zone: "America/St_Johns",
			from: "2006-10-28T12:00:00-02:30", to: "2006-10-29T12:00:00-03:30",
			running: []string{"daily 00:00-24:00"}, stopped: []string{"2006-10-29"},
			want: []string{"running", "2006-10-29T00:00:00-02:30 stopped"},
		},
		{
			name: "a window that ends before that midnight ends at the second occurrence", zone: "America/St_Johns",
			from: "2006-10-28T12:00:00-02:30", to: "2006-10-29T12:00:00-03:30",
			running: []string{"sat 20:00-23:30"},
			want:    []string{"stopped", "2006-10-28T20:00:00-02:30 running", "2006-10-28T23:30:00-03:30 stopped"},
		},
		{
			name: "until midnight is until the second too", zone: "America/St_Johns", from: "2006-10-28T12:00:00-02:30",
			to:      "2006-10-29T12:00:00-03:30",
			running: []string{"sat 20:00-24:00"},
			want:    []string{"stopped", "2006-10-28T20:00:00-02:30 running", "2006-10-29T00:00:00-03:30 stopped"},
		},
		{
			name: "a running date is that day of 25 hours", zone: berlin, from: berlinFrom, to: "2026-10-26T12:00:00+01:00",
			exact: []string{"2026-10-25"},
			want:  []string{"stopped", "2026-10-25T00:00:00+02:00 running", "2026-10-26T00:00:00+01:00 stopped", "never"},
		},
	})
}

// Package time computes the bounds of a zone's rule wrongly on the last day of a
// leap year; a search that trusted them would not end.
func TestLastDayOfALeapYear(t *testing.T) {
	t.Parallel()
	checkHistories(t, []historyCase{
		{
			name: "in winter", zone: "Europe/Berlin", from: "2096-12-30T12:00:00Z", to: "2097-01-01T12:00:00Z",
			running: []string{"daily 23:30-00:30"},
			want: []string{
				"stopped", "2096-12-30T23:30:00+01:00 running", "2096-12-31T00:30:00+01:00 stopped",
				"2096-12-31T23:30:00+01:00 running", "2097-01-01T00:30:00+01:00 stopped",
			},
		},
		{
			name: "in summer", zone: "Australia/Lord_Howe", from: "2096-12-30T12:00:00Z", to: "2097-01-01T12:00:00Z",
			running: []string{"daily 00:00-12:00"},
			want: []string{
				"stopped", "2096-12-31T00:00:00+11:00 running", "2096-12-31T12:00:00+11:00 stopped",
				"2097-01-01T00:00:00+11:00 running", "2097-01-01T12:00:00+11:00 stopped",
			},
		},
	})
}
