package schedule

import (
	"fmt"
	"strings"
	"time"
	_ "time/tzdata" // The machine may have no time zones: a container image, Windows.
)

// LoadZone returns the time zone of a name of the IANA database, or UTC. Where
// the machine has that database it is used, so that an update of the system
// counts; where not, the one in this binary is.
func LoadZone(name string) (*time.Location, error) {
	wrong := fmt.Errorf("%s is not a time zone: write a name of the IANA database, such as %q or %q",
		quoted(name), "Europe/Berlin", "UTC")
	switch {
	case name == "", strings.EqualFold(name, "local"), name == "localtime", name == "posixrules":
		return nil, wrong // These are a matter of the machine.
	case strings.HasPrefix(name, "right/"):
		return nil, wrong // These count leap seconds, which package time does not.
	}
	zone, err := time.LoadLocation(name)
	if err != nil {
		return nil, wrong
	}
	return zone, nil
}
