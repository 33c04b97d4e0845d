package terraform

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
)

// Runner runs commands of a CLI with the provider of these sources.
type Runner struct {
	// Path is that of the CLI, Environment what it and the provider see.
	Path        string
	Environment []string
	// Binaries is the folder of the provider's binary.
	Binaries string
}

// NewRunner points the CLI at the provider in a folder of binaries, by a file in
// another folder.
func NewRunner(cli, binaries, folder string, environment []string) (*Runner, error) {
	file := filepath.Join(folder, "cli.tfrc")
	if err := os.WriteFile(file, []byte(Configuration(binaries)), 0o600); err != nil {
		return nil, err
	}
	return &Runner{Path: cli, Binaries: binaries, Environment: Environment(environment,
		"TF_CLI_CONFIG_FILE="+file, "CHECKPOINT_DISABLE=1", "TF_IN_AUTOMATION=1", "TF_INPUT=0", "TF_CLI_ARGS=-no-color",
	)}, nil
}

// Outcome is what became of a command: Code is its exit code, or -1 if a signal
// ended it.
type Outcome struct {
	Code   int
	Output string
}

// Run runs a command in a folder to its end, also one that a signal sets. An error
// is only that it could not be run, or that the context ended. started, unless it is
// nil, is told of the process.
func (r *Runner) Run(ctx context.Context, folder string, started func(*os.Process), args ...string) (Outcome, error) {
	var out bytes.Buffer
	cmd := NewCommand(ctx, r.Path, args...)
	cmd.Dir, cmd.Env, cmd.Stdout, cmd.Stderr = folder, r.Environment, &out, &out
	code, err := cmd.Run(started)
	if err != nil && ctx.Err() == nil && cmd.ProcessState != nil && !cmd.ProcessState.Exited() {
		code, err = -1, nil
	}
	return Outcome{Code: code, Output: out.String()}, err
}

// Processes returns the processes that run the provider's binary.
func (r *Runner) Processes() ([]*os.Process, error) {
	binary, err := filepath.EvalSymlinks(filepath.Join(r.Binaries, BinaryName))
	if err != nil {
		return nil, err
	}
	return processesOf(binary)
}

// errNoProcesses is returned where processes cannot be listed.
var errNoProcesses = errors.New("the processes of this system cannot be listed: there is no /proc")

// Complaint is the first error in what a CLI printed, on one line, or else its last
// words.
func Complaint(output string) string {
	const most = 1000
	if at := strings.Index(output, "Error: "); at >= 0 {
		output = output[at:]
	} else if over := len(output) - most; over > 0 {
		output = output[over:]
	}
	words := strings.FieldsFunc(output, func(r rune) bool { return strings.ContainsRune(" \n\t│╵╷", r) })
	text := strings.Join(words, " ")
	if len(text) > most {
		text = strings.ToValidUTF8(text[:most], "") + "..."
	}
	return text
}
