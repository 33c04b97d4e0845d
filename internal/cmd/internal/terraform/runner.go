package terraform

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/instance-power/terraform-provider-instance/internal/cmd/internal/program"
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
	set := append(Settings(file), NoColor)
	return &Runner{Path: cli, Binaries: binaries, Environment: Environment(environment, set...)}, nil
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
	cmd := program.NewCommand(ctx, r.Path, args...)
	cmd.Dir, cmd.Env, cmd.Stdout, cmd.Stderr = folder, r.Environment, &out, &out
	code, err := cmd.Run(started)
	if err != nil && ctx.Err() == nil && cmd.ProcessState != nil && !cmd.ProcessState.Exited() {
		code, err = -1, nil
	}
	return Outcome{Code: code, Output: out.String()}, err
}

// Must runs a command that has to end with code 0.
func (r *Runner) Must(ctx context.Context, folder string, args ...string) error {
	out, err := r.Run(ctx, folder, nil, args...)
	if err == nil && out.Code != 0 {
		err = fmt.Errorf("%s ended with code %d: %s", args[0], out.Code, Complaint(out.Output))
	}
	return err
}

// Version returns the name and version of the CLI.
func (r *Runner) Version(ctx context.Context, folder string) (string, error) {
	out, err := r.Run(ctx, folder, nil, "version")
	if err != nil {
		return "", err
	}
	return Version(out.Output)
}

// versionLine is the first line of what Terraform and OpenTofu print about themselves.
var versionLine = regexp.MustCompile(`(?m)^(?:Terraform|OpenTofu) v\S+`)

// Version finds the name and version in what a CLI prints about itself, where a
// warning may come first.
func Version(output string) (string, error) {
	found := versionLine.FindString(output)
	if found == "" {
		return "", fmt.Errorf("the CLI does not print its version, but %q", Complaint(output))
	}
	return found, nil
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
