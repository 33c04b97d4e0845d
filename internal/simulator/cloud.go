package simulator

import (
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"
)

// Cloud is one simulated cloud: its instances, troubles, settings,
// credentials and the log of the calls that it got. All methods are safe for
// concurrent use. It starts no goroutine and no timer: each transition has an
// end time, and state is settled when somebody reads it, so that a Cloud can be
// used in the fake time of testing/synctest too.
type Cloud struct {
	name  string
	words Words

	mu          sync.Mutex
	records     map[string]*record
	order       []place // of the instances, as seeded
	places      int     // how many there have been
	baseline    baseline
	durations   Durations
	regions     []string
	credentials []Credential
	maxSkew     time.Duration
	settings    map[string]string
	rates       map[string]*rate
	defaultRate map[string]Rate
	ratesOff    bool
	troubles    []*trouble
	troubleSeq  int
	calls       []*Call
	addressSeq  int
	memory      map[string]any // what wires keep with Tx.Keep
	identities  identities
}

// baseline is what Reset returns to.
type baseline struct {
	instances   []Instance
	durations   Durations
	maxSkew     time.Duration
	credentials []Credential
	identities  identityBaseline
}

// usualSkew is how far a request's time may be from that of a cloud that says nothing
// else.
const usualSkew = 5 * time.Minute

// NewCloud returns an empty cloud with no rate limits, no credentials, and a
// clock skew of five minutes allowed. Regions is empty for a cloud without
// regions; the first one is the default of seeded instances.
func NewCloud(name string, words Words, regions ...string) *Cloud {
	c := &Cloud{
		name:        name,
		words:       words,
		records:     map[string]*record{},
		durations:   DefaultDurations(),
		baseline:    baseline{durations: DefaultDurations(), maxSkew: usualSkew},
		regions:     slices.Clone(regions),
		maxSkew:     usualSkew,
		settings:    map[string]string{},
		rates:       map[string]*rate{},
		defaultRate: map[string]Rate{},
	}
	c.resetSettings()
	return c
}

// Name returns the name that the cloud has in the provider.
func (c *Cloud) Name() string { return c.name }

// Words returns what the wire said about its cloud.
func (c *Cloud) Words() Words { return c.words }

// Regions returns the regions that the cloud knows; none for a cloud without.
func (c *Cloud) Regions() []string { return slices.Clone(c.regions) }

// KnowsRegion reports whether the cloud has the region.
func (c *Cloud) KnowsRegion(region string) bool { return slices.Contains(c.regions, region) }

// SetMaxSkew sets how far a request's time may be from the cloud's; zero allows
// any.
func (c *Cloud) SetMaxSkew(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.maxSkew = d
}

// SkewAllowed reports whether a request signed at t is close enough to now.
func (c *Cloud) SkewAllowed(t time.Time) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.maxSkew == 0 || c.clock().Sub(t).Abs() <= c.maxSkew
}

// Durations returns how long transitions take.
func (c *Cloud) Durations() Durations {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.durations
}

// SetDurations sets how long transitions that begin from now on take.
func (c *Cloud) SetDurations(d Durations) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.durations = d
}

// SetTransition sets all durations to one value.
func (c *Cloud) SetTransition(d time.Duration) {
	v := Duration(d)
	c.SetDurations(Durations{Start: v, Stop: v, ForcedStop: v, Reboot: v, Grace: v})
}

// Setting returns the value of a switch, empty if there is none of that name.
func (c *Cloud) Setting(name string) string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.settings[name]
}

// Settings returns the values of all switches.
func (c *Cloud) Settings() map[string]string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return maps.Clone(c.settings)
}

// SetSetting sets a switch to one of its values.
func (c *Cloud) SetSetting(name, value string) error {
	if err := c.checkSetting(name, value); err != nil {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.settings[name] = value
	return nil
}

func (c *Cloud) checkSetting(name, value string) error {
	at := slices.IndexFunc(c.words.Settings, func(s Setting) bool { return s.Name == name })
	if at < 0 {
		return fmt.Errorf("%s has no setting %q", c.name, name)
	}
	if values := c.words.Settings[at].Values; !slices.Contains(values, value) {
		return fmt.Errorf("setting %q of %s is one of %q, not %q", name, c.name, values, value)
	}
	return nil
}

func (c *Cloud) resetSettings() {
	clear(c.settings)
	for _, s := range c.words.Settings {
		c.settings[s.Name] = s.Values[0]
	}
}

// Reset forgets calls, troubles, the keys that were handed out and the offset of
// the clock, puts switches and rate limits back to their defaults, and all else to
// what it was at the last Baseline.
func (c *Cloud) Reset() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.records = map[string]*record{}
	c.order = nil
	c.troubles = nil
	c.calls = nil
	c.memory = nil
	c.durations = c.baseline.durations
	c.maxSkew = c.baseline.maxSkew
	c.credentials = slices.Clone(c.baseline.credentials)
	c.identities.reset(c.baseline.identities)
	c.ratesOff = false
	clear(c.rates)
	for action, r := range c.defaultRate {
		c.rates[action] = newRate(r)
	}
	c.resetSettings()
	for _, i := range c.baseline.instances {
		c.seed(i.clone())
	}
}

// Baseline makes the instances, credentials, durations, the clock skew, roles, identity
// providers and the machine that there are now those that Reset returns to.
func (c *Cloud) Baseline() {
	c.mu.Lock()
	defer c.mu.Unlock()
	instances := c.instances(time.Now())
	c.baseline = baseline{
		instances: instances, durations: c.durations, maxSkew: c.maxSkew, credentials: slices.Clone(c.credentials),
		identities: c.identities.baseline(),
	}
}
