package credentials

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// sessionForm is the form of the name of a session in a cloud: 2 to most letters,
// digits and signs.
type sessionForm struct {
	most  int
	signs string // with spaces between them
}

var (
	// https://www.alibabacloud.com/help/en/ram/developer-reference/api-sts-2015-04-01-assumerole;
	// Volcengine has the same form.
	shortSession = sessionForm{64, ". @ _ -"}
	// https://www.tencentcloud.com/document/product/1150/49458
	longSession = sessionForm{128, "_ + = , . @ -"}
)

func (f sessionForm) allows(name string) bool {
	return len(name) >= 2 && len(name) <= f.most && !strings.ContainsFunc(name, func(r rune) bool {
		return (r < '0' || r > '9') && (r < 'A' || r > 'Z') && (r < 'a' || r > 'z') &&
			(r == ' ' || !strings.ContainsRune(f.signs, r))
	})
}

func (f sessionForm) String() string {
	return fmt.Sprintf("2 to %d of the characters A-Z a-z 0-9 %s", f.most, f.signs)
}

// maxSession is the length that the default name is cut to: an older page of
// Alibaba Cloud has it as the most.
const maxSession = 32

// foreign are the characters that no cloud's form has in common.
var foreign = regexp.MustCompile(`[^A-Za-z0-9._-]`)

// defaultSession is the name of sessions that have none: it shows in the
// cloud's audit trail, and names the run of HCP Terraform.
func defaultSession(s System) string {
	name := "terraform"
	if run := s.env("TFC_RUN_ID"); run != "" {
		name += "-" + foreign.ReplaceAllString(run, "-")
	}
	return name[:min(len(name), maxSession)]
}

// maxPolicy is the longest policy that the token services take, in characters.
const maxPolicy = 2048

// checkPolicy refuses what no token service accepts.
func checkPolicy(argument, policy string) error {
	if policy == "" {
		return nil
	}
	if !json.Valid([]byte(policy)) || !strings.HasPrefix(strings.TrimSpace(policy), "{") {
		return invalid("%s is not a JSON object", argument)
	}
	if n := len([]rune(policy)); n > maxPolicy {
		return invalid("%s has %d characters, and the token service takes %d", argument, n, maxPolicy)
	}
	return nil
}

// checkDuration refuses a duration out of the cloud's bounds; 0 is unset.
func checkDuration(argument string, seconds, minimum, maximum int64) error {
	if seconds == 0 || seconds >= minimum && seconds <= maximum {
		return nil
	}
	return invalid("%s must be between %d and %d seconds, and is %d", argument, minimum, maximum, seconds)
}

// parseSeconds reads a duration from the environment.
func parseSeconds(name, value string) (int64, error) {
	seconds, err := strconv.ParseInt(value, 10, 64)
	if err != nil || seconds < 0 {
		return 0, invalid("the environment variable %s is not a number of seconds", name)
	}
	return seconds, nil
}

// checkKeys refuses keys that can never be sent: mostly the line end at the end
// of a file. fields are pairs of a name and a value.
func checkKeys(fields ...[2]string) error {
	for _, field := range fields {
		if strings.ContainsFunc(field[1], func(r rune) bool { return r <= ' ' || r > '~' }) {
			return invalid("%s contains a space, a line end or another character that no key has", field[0])
		}
	}
	return nil
}

// plural joins names as "a and b".
func plural(names []string) string {
	if len(names) < 2 {
		return strings.Join(names, "")
	}
	return fmt.Sprintf("%s and %s", strings.Join(names[:len(names)-1], ", "), names[len(names)-1])
}

func verb(names []string) string {
	if len(names) == 1 {
		return "is"
	}
	return "are"
}
