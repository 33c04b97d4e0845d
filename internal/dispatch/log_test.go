package dispatch

import (
	"bytes"
	"context"
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-log/tflogtest"

	"github.com/instance-power/terraform-provider-instance/internal/backend"
	"github.com/instance-power/terraform-provider-instance/internal/backend/memory"
)

// failingStop answers each stop with the fault.
type failingStop struct {
	*memory.Driver
	fault backend.Fault
}

func (d failingStop) Stop(_ context.Context, ids []string, _ backend.StopOptions) []backend.Outcome {
	return slices.Repeat([]backend.Outcome{{Err: &memory.Error{Fault: d.fault}}}, len(ids))
}

func TestTheLogCallsOnlyAnAnswerAnAnswer(t *testing.T) {
	t.Parallel()
	for want, fault := range map[string]backend.Fault{
		"The cloud answered with an error": {Kind: backend.KindDenied, Code: "Denied", Status: 403},
		"The cloud could not be reached":   {Kind: backend.KindInvalid, Unreachable: true},
		"The call was not made":            {Kind: backend.KindInvalid, Unsent: true},
	} {
		t.Run(want, func(t *testing.T) {
			inFakeTime(t, func(t *testing.T) {
				f, _ := newFixture(0, memory.Options{}, Options{})
				f.use(failingStop{f.Driver, fault})
				var log bytes.Buffer
				if _, err := f.Send(tflogtest.RootLogger(t.Context(), &log), id, stop, Single, Split{},
					time.Time{}); err != nil {
					t.Fatal(err)
				}
				var got []string
				for line := range strings.Lines(log.String()) {
					var entry struct {
						Message string `json:"@message"`
						Kind    string `json:"kind"`
					}
					if err := json.Unmarshal([]byte(line), &entry); err != nil {
						t.Fatal(err)
					}
					if entry.Kind != "" {
						got = append(got, entry.Message)
					}
				}
				if diff := cmp.Diff(got, []string{want}); diff != "" {
					t.Errorf("messages of failed calls (-got +want):\n%s", diff)
				}
			})
		})
	}
}
