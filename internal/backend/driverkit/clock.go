package driverkit

import (
	"fmt"
	"net/http"
	"time"
)

// clockTolerance is a difference that no cloud minds. A date has whole seconds, and
// an answer may take some.
const clockTolerance = time.Minute

// clockOff says how much the clock of this machine differs from the cloud's, by the
// date of the answer; it is empty where they agree or the answer has no date.
func (e Exchange) clockOff() string {
	date, err := http.ParseTime(e.Header.Get("Date"))
	if err != nil || e.Sent.IsZero() {
		return ""
	}
	off := e.Sent.Sub(date).Round(time.Second)
	switch {
	case off > clockTolerance:
		return fmt.Sprintf("The clock of this machine is %s ahead of the cloud's.", off)
	case off < -clockTolerance:
		return fmt.Sprintf("The clock of this machine is %s behind the cloud's.", -off)
	}
	return ""
}
