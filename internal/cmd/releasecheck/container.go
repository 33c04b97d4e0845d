package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// image is the name of the image that is built of the simulator's archive.
const image = "instance-simulator-release-check"

// engine is a program that builds and runs containers.
type engine struct {
	name   string
	global []string // before each command
	// works is a command that fails where the engine cannot be used.
	works []string
	build []string // without the folder
	clean []string
}

// engines are those that are known, in the order in which they are tried. Buildah
// needs neither a daemon nor a registry, and keeps all that it makes in the folder of
// this program.
func (r release) engines() []engine {
	build := []string{"build", "--quiet", "--tag", image, "--file", "Containerfile"}
	storage := []string{
		"--root", filepath.Join(r.work, "images"), "--runroot", filepath.Join(r.work, "containers"),
		"--storage-driver", "vfs",
	}
	return []engine{
		{name: "docker", works: []string{"info"}, build: build, clean: []string{"rmi", image}},
		{name: "podman", works: []string{"info"}, build: build, clean: []string{"rmi", image}},
		{
			name: "buildah", global: storage, works: []string{"info"},
			build: []string{"bud", "--quiet", "--isolation", "chroot", "--tag", image, "--file", "Containerfile"},
			clean: []string{"rm", "--all"},
		},
	}
}

func (e engine) command(ctx context.Context, args ...string) *exec.Cmd {
	//nolint:gosec // An engine of the table, with the arguments of this program.
	return exec.CommandContext(ctx, e.name, append(append([]string{}, e.global...), args...)...)
}

// output runs a command to its end and returns what it printed.
func (e engine) output(ctx context.Context, folder string, args ...string) (string, error) {
	command := e.command(ctx, args...)
	command.Dir = folder
	var problems strings.Builder
	command.Stderr = &problems
	out, err := command.Output()
	if err != nil {
		return "", fmt.Errorf("%s %s: %w\n%s", e.name, strings.Join(args, " "), err, problems.String())
	}
	return strings.TrimSpace(string(out)), nil
}

// choose returns the first engine that works, or why none does.
func (r release) choose(ctx context.Context) (engine, error) {
	if r.goos != "linux" {
		return engine{}, fmt.Errorf("the archive is for %s, and containers run Linux", r.goos)
	}
	var reasons []error
	for _, e := range r.engines() {
		if _, err := exec.LookPath(e.name); err != nil {
			reasons = append(reasons, fmt.Errorf("no %s on PATH", e.name))
			continue
		}
		if _, err := e.output(ctx, r.work, e.works...); err != nil {
			reasons = append(reasons, fmt.Errorf("%s does not work", e.name))
			continue
		}
		return e, nil
	}
	return engine{}, errors.Join(reasons...)
}

// tryContainer checks the container of the simulator, or says why it does not.
func (r release) tryContainer(ctx context.Context, w io.Writer) error {
	e, unusable := r.choose(ctx)
	if unusable != nil {
		_, err := fmt.Fprintf(w, "its container was not built: %s\n", strings.ReplaceAll(unusable.Error(), "\n", ", "))
		return err
	}
	if err := r.checkContainer(ctx, e); err != nil {
		return fmt.Errorf("container: %w", err)
	}
	_, err := fmt.Fprintf(w, "%s built its container, which served the instances of a file\n", e.name)
	return err
}

// checkContainer builds the container of the simulator's archive with an engine, and
// runs it with a file of seeds.
func (r release) checkContainer(ctx context.Context, e engine) (err error) {
	folder := filepath.Join(r.work, simulatorFolder)
	if _, err := e.output(ctx, folder, append(e.build, ".")...); err != nil {
		return err
	}
	defer func() {
		_, cleaned := e.output(context.WithoutCancel(ctx), folder, e.clean...)
		err = errors.Join(err, cleaned)
	}()
	seeds := filepath.Join(r.work, "seed.json")
	//nolint:gosec // The user of the container is another one, and must be able to read it.
	if err := os.WriteFile(seeds, []byte(`{"tencentcloud":[{"id":"ins-fromvolume1"}]}`), 0o644); err != nil {
		return err
	}
	address, err := freeAddress(ctx)
	if err != nil {
		return err
	}
	command, err := e.run(ctx, folder, seeds, address)
	if err != nil {
		return err
	}
	return serveFrom(ctx, command, "http://"+address+"/_simulator/v1/tencentcloud/instances/ins-fromvolume1")
}

// serveFrom starts a command, waits until it answers a URL, and ends it. What the
// command printed is in the error, if there is one.
func serveFrom(ctx context.Context, command *exec.Cmd, url string) error {
	var printed strings.Builder
	command.Stderr = &printed
	command.WaitDelay = 10 * time.Second // What the container leaves behind may hold its output open.
	if err := command.Start(); err != nil {
		return err
	}
	waiting, stop := context.WithCancelCause(ctx)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_ = command.Wait() // The state has the status, and zero is no success here either.
		stop(fmt.Errorf("the container ended: %s", command.ProcessState))
	}()
	err := serves(waiting, url)
	if signaled := command.Process.Signal(syscall.SIGTERM); err == nil {
		err = signaled
	}
	<-ended
	if err != nil {
		return fmt.Errorf("%w\n%s", err, printed.String())
	}
	return nil
}

// run is the command that runs a container of the image, with the seeds, at an address
// of this machine.
func (e engine) run(ctx context.Context, folder, seeds, address string) (*exec.Cmd, error) {
	volume := seeds + ":/seed.json:ro"
	args := []string{"run", "--rm", "--publish", address + ":8090", "--volume", volume, image, "-seed", "/seed.json"}
	if e.name == "buildah" {
		container, err := e.output(ctx, folder, "from", image)
		if err != nil {
			return nil, err
		}
		const words = "{{range .OCIv1.Config.Entrypoint}}{{.}} {{end}}"
		entry, err := e.output(ctx, folder, "inspect", "--format", words, container)
		if err != nil {
			return nil, err
		}
		// It has the network of this machine, where the usual port may be taken; of a
		// flag that is there twice the last one counts.
		args = append([]string{"run", "--isolation", "chroot", "--volume", volume, container, "--"}, strings.Fields(entry)...)
		args = append(args, "-seed", "/seed.json", "-listen", address)
	}
	return e.command(ctx, args...), nil
}

// serves waits until a URL is answered.
func serves(ctx context.Context, url string) error {
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	ticker := time.NewTicker(100 * time.Millisecond)
	defer ticker.Stop()
	for {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
		if err != nil {
			return err
		}
		resp, err := http.DefaultClient.Do(req)
		if err == nil {
			err = resp.Body.Close()
			if resp.StatusCode != http.StatusOK {
				return fmt.Errorf("%s is answered with %s", url, resp.Status)
			}
			return err
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("%s is not answered: %w: %w", url, context.Cause(ctx), err)
		case <-ticker.C:
		}
	}
}
