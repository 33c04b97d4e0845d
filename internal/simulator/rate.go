package simulator

import (
	"fmt"
	"maps"
	"time"
)

// Rate is how many calls of an action a cloud accepts within a window, for
// each account and region. The window slides: it holds for every stretch of its length, so
// a client cannot gain by straddling a boundary.
type Rate struct {
	Calls  int      `json:"calls"`
	Window Duration `json:"window"`
}

type rate struct {
	Rate
	accepted map[caller][]time.Time
}

// caller is for whom calls are counted.
type caller struct{ account, region string }

func newRate(r Rate) *rate { return &rate{Rate: r, accepted: map[caller][]time.Time{}} }

// SetDefaultRate sets the rate that the cloud's reference page gives, to which
// Reset returns.
func (c *Cloud) SetDefaultRate(calls int, window time.Duration, actions ...string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, action := range actions {
		r := Rate{Calls: calls, Window: Duration(window)}
		c.defaultRate[action] = r
		c.rates[action] = newRate(r)
	}
}

// SetRate limits an action; zero calls take its limit away.
func (c *Cloud) SetRate(action string, r Rate) error {
	if err := c.checkRate(action, r); err != nil {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.setRate(action, r)
	return nil
}

// checkRate refuses a rate that cannot be kept, or that no call would ever meet.
func (c *Cloud) checkRate(action string, r Rate) error {
	known := c.words.Actions
	op, ok := known[action]
	if len(known) > 0 && (!ok || op == "" || action == TokenService || action == MetadataService) {
		return fmt.Errorf("rates: %s has no action %q", c.name, action)
	}
	if r.Calls < 0 || (r.Calls > 0 && r.Window <= 0) {
		return fmt.Errorf("a rate needs calls and a window, not %d in %s", r.Calls, r.Window)
	}
	return nil
}

func (c *Cloud) setRate(action string, r Rate) {
	if r.Calls == 0 {
		delete(c.rates, action)
		return
	}
	c.rates[action] = newRate(r)
}

// LimitRates switches all rate limits on or off.
func (c *Cloud) LimitRates(on bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.ratesOff = !on
}

// Rates returns the limits, and whether they are on.
func (c *Cloud) Rates() (map[string]Rate, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	all := map[string]Rate{}
	for action, r := range c.rates {
		all[action] = r.Rate
	}
	return maps.Clone(all), !c.ratesOff
}

// admit reports whether the rate limit of its action lets a call pass now.
func (c *Cloud) admit(call *Call) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	r := c.rates[call.Action]
	if r == nil || c.ratesOff {
		return true
	}
	now, who := time.Now(), caller{call.Account, call.Region}
	recent := r.accepted[who]
	for len(recent) > 0 && now.Sub(recent[0]) >= r.Window.Std() {
		recent = recent[1:]
	}
	if len(recent) >= r.Calls {
		r.accepted[who] = recent
		return false
	}
	r.accepted[who] = append(recent, now)
	return true
}
