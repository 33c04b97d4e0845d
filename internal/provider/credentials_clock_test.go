package provider

import (
	"strings"
	"testing"
	"time"

	"github.com/instance-power/terraform-provider-instance/internal/simulator"
)

// A cloud whose clock is ten minutes off takes a token and a signature where it
// tolerates the difference. Tencent Cloud does not, and the error names the clock and
// the difference.
func TestAClockThatIsTenMinutesOff(t *testing.T) {
	for name, offset := range map[string]time.Duration{"ahead": 10 * time.Minute, "behind": -10 * time.Minute} {
		t.Run(name, func(t *testing.T) {
			eachTokenService(t, func(t *testing.T, _ *simulation, row simulator.Service) {
				for _, kind := range []string{"keys", "a web identity by value", "the role of the machine", "a role"} {
					t.Run(kind, func(t *testing.T) {
						clearEnvironment(t)
						s := newSimulation(t)
						k := s.kind(t, row, kind)
						s.server.Cloud(row.Cloud).SetClockOffset(offset)
						inFakeTime(t, func(t *testing.T) {
							s.t = t
							r := s.provider(map[string]any{row.Cloud: s.here(row, k.block)})
							got := s.stop(r, row, row.Region, s.seed(row, row.Region, 1, 1)[0])
							if row.Cloud != "tencentcloud" {
								if got != "" {
									t.Errorf("stop: %s", got)
								}
								return
							}
							if !strings.Contains(got, "clock") || !strings.Contains(got, "10m") {
								t.Errorf("got %q, want an error that names the clock and how much it is off", got)
							}
						})
					})
				}
			})
		})
	}
}

func TestASignatureThatAClockMakesTooOldNamesTheDifference(t *testing.T) {
	for want, offset := range map[string]time.Duration{
		"The clock of this machine is 1h0m0s behind the cloud's.":   time.Hour,
		"The clock of this machine is 1h0m0s ahead of the cloud's.": -time.Hour,
	} {
		t.Run(want, func(t *testing.T) {
			eachSimulation(t, func(t *testing.T, s *simulation, row simulator.Service) {
				k := s.kind(t, row, "keys")
				s.server.Cloud(row.Cloud).SetClockOffset(offset)
				inFakeTime(t, func(t *testing.T) {
					s.t = t
					r := s.provider(map[string]any{row.Cloud: s.here(row, k.block)})
					got := s.stop(r, row, row.Region, s.seed(row, row.Region, 1, 1)[0])
					if !strings.HasSuffix(got, want) {
						t.Errorf("got:\n%s\nwant an error that ends with:\n%s", got, want)
					}
				})
			})
		})
	}
}
