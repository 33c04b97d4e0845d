package alicloud_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/instance-power/terraform-provider-instance/internal/simulator"
	"github.com/instance-power/terraform-provider-instance/internal/simulator/alicloud"
)

func TestExchangesThatGoWrong(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		trouble simulator.Trouble
		code    string
		status  int
		issued  bool
	}{
		"a throttle": {
			simulator.Trouble{Kind: simulator.Throttle, Action: "AssumeRole"},
			"Throttling.User", 400,
			false,
		},
		"an error": {
			simulator.Trouble{Kind: simulator.Error, Action: simulator.TokenService},
			"InternalError",
			500, false,
		},
		"a 5xx before": {simulator.Trouble{
			Kind: simulator.ServerError, Status: 503,
			Action: simulator.TokenService,
		}, "", 503, false},
		"a 5xx after": {simulator.Trouble{
			Kind: simulator.ServerError, Status: 503, Effect: true,
			Action: simulator.TokenService,
		}, "", 503, true},
		"a trouble of the API": {simulator.Trouble{Kind: simulator.Throttle, Action: "ecs"}, "", 0, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := withIssuer(t)
			test.trouble.Skip, test.trouble.Count = 1, 1
			f.trouble(t, test.trouble)
			if _, err := f.sts(t, f.sdk, "AssumeRole", assumption(nil)); err != nil {
				t.Fatalf("the first exchange: %v", err)
			}
			_, err := f.sts(t, f.sdk, "AssumeRole", assumption(nil))
			if test.status == 503 && err == nil || test.status != 503 && err != nil && test.code == "" {
				t.Errorf("the second exchange: %v", err)
			}
			if test.code != "" {
				wantRefusal(t, err, test.code, test.status)
			}
			if _, err := f.sts(t, f.sdk, "AssumeRole", assumption(nil)); err != nil {
				t.Fatalf("the third exchange: %v", err)
			}
			want := 2
			if test.issued {
				want = 3
			}
			if got := f.cloud.ExchangeCounts()["AssumeRole "+alicloud.RoleARN(alicloud.AccountID,
				simulator.OperatorRole)]; got != want {
				t.Errorf("keys were handed out %d times, want %d", got, want)
			}
			if got := f.cloud.CallCounts()["AssumeRole"]; got != 3 {
				t.Errorf("%d exchanges were asked for, want 3", got)
			}
		})
	}
}

func TestTheDateOfAnAnswerIsTheCloudsTime(t *testing.T) {
	t.Parallel()
	f := withIssuer(t)
	f.cloud.SetClockOffset(-10 * time.Minute)
	_, _, header := ask(t, f, http.MethodGet, "/?Version="+alicloud.TokenVersion, nil, nil)
	date, err := http.ParseTime(header.Get("Date"))
	if off := time.Since(date); err != nil || off < 10*time.Minute || off > 11*time.Minute {
		t.Errorf("the date is %v (%v), want ten minutes ago", date, err)
	}
}
