package terraform

import (
	"slices"
	"strings"
)

// The variables that the CLI gets from the user's environment: what programs
// need to run at all, and what version managers need to find the CLI behind
// their shim. All else is left out, and so are credentials and regions of
// clouds, arguments and log levels for Terraform, and proxies, under whatever
// name they go.
var (
	passed = []string{
		"PATH", "HOME", "USER", "LOGNAME", "LANG", "TZ", "TERM", "TMPDIR", "TMP", "TEMP",
		"SYSTEMROOT", "SYSTEMDRIVE", "WINDIR", "COMSPEC", "PATHEXT", "USERPROFILE", "APPDATA", "LOCALAPPDATA",
	}
	passedPrefixes = []string{"LC_", "ASDF_", "MISE_", "TENV_", "TFENV_", "TOFUENV_"}
)

// NoColor keeps colors out of what a CLI prints.
const NoColor = "TF_CLI_ARGS=-no-color"

// Settings are the variables with which a CLI has this file for its configuration,
// in place of the user's, asks nothing, and looks for no newer version of itself.
func Settings(configFile string) []string {
	return []string{"TF_CLI_CONFIG_FILE=" + configFile, "CHECKPOINT_DISABLE=1", "TF_IN_AUTOMATION=1", "TF_INPUT=0"}
}

// Environment is what the CLI, and the provider beneath it, see: the little that
// is passed of the user's environment, and what is set here.
func Environment(environment []string, set ...string) []string {
	var out []string
	for _, variable := range environment {
		name, _, _ := strings.Cut(variable, "=")
		// Windows does not tell upper from lower case.
		name = strings.ToUpper(name)
		if slices.Contains(passed, name) || slices.ContainsFunc(passedPrefixes, func(p string) bool {
			return strings.HasPrefix(name, p)
		}) {
			out = append(out, variable)
		}
	}
	return append(out, set...)
}
