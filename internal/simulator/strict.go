package simulator

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"net/netip"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Check reports the first mistake in instances: an id that is another's too, or that
// every call refuses as malformed, or a word or an address that the cloud does not
// have. Seed files and the control interface are checked; a test that seeds by itself
// may do as it likes. The trouble UnknownWord shows a word that the cloud does not have.
func (c *Cloud) Check(instances ...Instance) error {
	seen := map[string]int{}
	for n, i := range instances {
		at := fmt.Sprintf("instance %d (%q)", n+1, i.ID)
		if err := c.checkInstance(i); err != nil {
			return fmt.Errorf("%s: %w", at, err)
		}
		if first, twice := seen[i.ID]; twice {
			return fmt.Errorf("%s: field id: instance %d has the same", at, first)
		}
		seen[i.ID] = n + 1
	}
	return nil
}

func (c *Cloud) checkInstance(i Instance) error {
	if err := c.checkID(i.ID); err != nil {
		return fmt.Errorf("field id: %w", err)
	}
	if err := c.checkWord("status", i.Status, c.words.Statuses); err != nil {
		return err
	}
	if err := c.checkWord("charge_type", i.ChargeType, c.words.ChargeTypes); err != nil {
		return err
	}
	for _, lock := range i.Locks {
		if err := c.checkWord("locks", lock, c.words.Locks); err != nil {
			return err
		}
	}
	if err := c.checkRegion(i); err != nil {
		return err
	}
	return cmp.Or(c.checkMode(i), c.checkExtra(i), checkAddresses(i))
}

// checkChange checks what a change has made of an instance. What it left as it was may
// be something that a test has seeded on purpose.
func (c *Cloud) checkChange(before, after Instance) error {
	keep := func(field *string, was string) {
		if *field == was {
			*field = ""
		}
	}
	keep(&after.ChargeType, before.ChargeType)
	keep(&after.StoppedMode, before.StoppedMode)
	keep(&after.PublicIP, before.PublicIP)
	keep(&after.ElasticIP, before.ElasticIP)
	keep(&after.PrivateIP, before.PrivateIP)
	if slices.Equal(after.Locks, before.Locks) {
		after.Locks = nil
	}
	if maps.Equal(after.Extra, before.Extra) {
		after.Extra = nil
	}
	if after.StoppedMode == "" {
		keep(&after.Status, before.Status)
	}
	return c.checkInstance(after)
}

// checkWord checks that the cloud has a word for a field. An empty one gets the
// cloud's default.
func (c *Cloud) checkWord(field, word string, words []string) error {
	if word == "" || len(words) == 0 || slices.Contains(words, word) {
		return nil
	}
	return fmt.Errorf("field %s: %s has no %s %q, but %s", field, c.name, field, word, strings.Join(words, ", "))
}

// checkMode checks the mode that a stop has left behind.
func (c *Cloud) checkMode(i Instance) error {
	w := c.words
	switch {
	case i.StoppedMode == "" || len(w.Statuses) == 0:
		return nil
	case w.KeepCharging == "":
		return fmt.Errorf("field stopped_mode: %s has no stopped modes", c.name)
	case slices.Contains([]string{"", w.Running, w.Starting, w.Rebooting}, i.Status):
		return fmt.Errorf("field stopped_mode: the instance is not stopped; a status of %q makes it so", w.Stopped)
	default:
		return c.checkWord("stopped_mode", i.StoppedMode, []string{w.KeepCharging, w.StopCharging})
	}
}

// checkExtra checks the fields that one cloud has beside those of all.
func (c *Cloud) checkExtra(i Instance) error {
	if c.words.Extra == nil {
		return nil
	}
	for _, name := range slices.Sorted(maps.Keys(i.Extra)) {
		values, ok := c.words.Extra[name]
		if !ok {
			return fmt.Errorf("field extra: %s has no %q there", c.name, name)
		}
		if err := c.checkWord(name, i.Extra[name], values); err != nil {
			return err
		}
	}
	return nil
}

func checkAddresses(i Instance) error {
	for _, address := range []struct{ field, text string }{
		{"public_ip", i.PublicIP}, {"elastic_ip", i.ElasticIP}, {"private_ip", i.PrivateIP},
	} {
		if _, err := netip.ParseAddr(address.text); err != nil && address.text != "" {
			return fmt.Errorf("field %s: %q is no IP address", address.field, address.text)
		}
	}
	return nil
}

// checkRegion checks that the cloud has the region of an instance.
func (c *Cloud) checkRegion(i Instance) error {
	switch {
	case i.Region == "" || c.KnowsRegion(i.Region):
		return nil
	case len(c.regions) == 0:
		return fmt.Errorf("field region: %s has no regions", c.name)
	default:
		return fmt.Errorf("field region: %s has no region %q", c.name, i.Region)
	}
}

func (c *Cloud) checkID(id string) error {
	switch form := c.words.IDForm; {
	case id == "":
		return errors.New("an instance needs an id")
	case strings.ContainsRune(id, utf8.RuneError):
		// JSON with half a surrogate pair has become another id.
		return fmt.Errorf("%+q is not valid Unicode text", id)
	case form != nil && !form.MatchString(id):
		return fmt.Errorf("%s calls %q malformed: its ids have the form %s", c.name, id, form)
	case strings.ContainsFunc(id, func(r rune) bool { return unicode.IsSpace(r) || !unicode.IsGraphic(r) }):
		return fmt.Errorf("%q has a space or a character that cannot be seen", id)
	}
	return nil
}
