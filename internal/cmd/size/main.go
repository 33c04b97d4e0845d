// Command size prints what each module weighs in the stripped linux/amd64 binary
// of a release, and what that takes to start: the time to its first answer, and its
// memory. It fails if the weight or the memory is above its limit. The time is not
// limited, since it depends on the machine.
//
// A symbol belongs to the package that its name begins with, so code and data are
// counted for the module that they come from. The line numbers and the list of
// functions, which Go keeps in one table, are shared out by the weight of the code.
// Types and strings cannot be told apart, and are a row of their own.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"text/tabwriter"
	"time"

	"github.com/instance-power/terraform-provider-instance/internal/cmd/internal/modules"
	"github.com/instance-power/terraform-provider-instance/internal/cmd/internal/program"
)

// limit is the most that the binary may weigh, in bytes.
const limit = 25_000_000

// platform is the one that is measured: most runs are on it.
const platform = "linux/amd64"

// small is the weight below which modules share one row.
const small = 20_000

func main() {
	measured := flag.String("program", ".", "`package` of the program")
	flag.Parse()
	program.Main("size", func(ctx context.Context) error { return run(ctx, os.Stdout, *measured) })
}

func run(ctx context.Context, w io.Writer, measured string) error {
	folder, err := os.MkdirTemp("", "size-*")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(folder) }()

	stripped := filepath.Join(folder, "stripped")
	if err := build(ctx, measured, stripped, "-s -w"); err != nil {
		return err
	}
	info, err := os.Stat(stripped)
	if err != nil {
		return err
	}
	symbols := filepath.Join(folder, "symbols")
	if err := build(ctx, measured, symbols, "-w"); err != nil {
		return err
	}
	packages, err := modules.Linked(ctx, platform, measured)
	if err != nil {
		return err
	}
	b, err := readBinary(symbols)
	if err != nil {
		return err
	}
	report(w, weigh(b, packages, info.Size()), info.Size())
	if info.Size() > limit {
		return fmt.Errorf("the binary has %s, the limit is %s", megabytes(info.Size()), megabytes(limit))
	}
	return checkStart(ctx, w, stripped)
}

// checkStart prints what it takes to start the program, where this machine can.
func checkStart(ctx context.Context, w io.Writer, program string) error {
	if here := runtime.GOOS + "/" + runtime.GOARCH; here != platform {
		fmt.Fprintf(w, "\nthe start is not measured: the binary is for %s, and this is %s\n", platform, here)
		return nil
	}
	got, err := measureStart(ctx, program)
	if err != nil {
		return err
	}
	fmt.Fprintf(w, "\nmedian of %d starts: the schema is answered after %s, with %s of memory\n",
		starts, got.answered.Round(time.Millisecond), mebibytes(got.memory))
	return got.check()
}

// build compiles the program as a release is built.
func build(ctx context.Context, measured, to, ldflags string) error {
	args := []string{"build", "-trimpath", "-tags", modules.Tags, "-ldflags", ldflags, "-o", to, measured}
	command := program.NewGoCommand(ctx, filepath.Dir(to), args...)
	command.Env = append(command.Env, "GOOS=linux", "GOARCH=amd64", "CGO_ENABLED=0")
	if out, err := command.Text(); err != nil {
		return fmt.Errorf("go build: %w\n%s", err, out)
	}
	return nil
}

// row is a line of the report.
type row struct {
	name   string
	weight int64
}

// report prints the rows, the heaviest first, and joins the light ones.
func report(w io.Writer, rows []row, total int64) {
	slices.SortFunc(rows, func(a, b row) int { return int(b.weight - a.weight) })
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	line := func(weight int64, name string) {
		fmt.Fprintf(table, "%s\t%.1f %%\t\t  %s\n", megabytes(weight), 100*float64(weight)/float64(total), name)
	}
	light, n := int64(0), 0
	for _, r := range rows {
		if r.weight < small {
			light += r.weight
			n++
			continue
		}
		line(r.weight, r.name)
	}
	if n > 0 {
		line(light, fmt.Sprintf("%d modules below %s", n, megabytes(small)))
	}
	line(total, "the binary, stripped")
	_ = table.Flush() // w is standard output.
}

// megabytes writes a weight in MB of a million bytes.
func megabytes(weight int64) string { return fmt.Sprintf("%.2f MB", float64(weight)/1e6) }

// mebibytes writes an amount of memory in MiB.
func mebibytes(amount int64) string { return fmt.Sprintf("%.1f MiB", float64(amount)/(1<<20)) }
