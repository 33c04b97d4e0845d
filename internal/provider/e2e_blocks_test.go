package provider

import (
	"fmt"
	"testing"
)

// A misspelled argument of a cloud would send the calls to the real cloud, if it
// were dropped.
func TestEndToEndACloudIsABlockWhoseArgumentsAreChecked(t *testing.T) {
	t.Parallel()
	for _, name := range cloudNames(clouds) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, test := range []struct{ name, block, want string }{
				{"right arguments are accepted", name + " {\n endpoint = \"http://127.0.0.1:9\"\n}\n", ""},
				{
					"a misspelled argument is an error", name + " {\n endpiont = \"http://127.0.0.1:9\"\n}\n",
					"An argument named \"endpiont\" is not expected here. Did you mean \"endpoint\"?",
				},
				{
					"two blocks are an error", name + " {\n endpoint = \"http://127.0.0.1:9\"\n}\n" + name + " {\n}\n",
					fmt.Sprintf("Only one block of type %q is allowed.", name),
				},
				{
					"an object is an error", name + " = { endpoint = \"http://127.0.0.1:9\" }\n",
					fmt.Sprintf("An argument named %q is not expected here. Did you mean to define a block of type %q?", name, name),
				},
			} {
				t.Run(test.name, func(t *testing.T) {
					t.Parallel()
					c := newCLI(t, "provider \"instance\" {\n"+test.block+"}\n"+power(clouds[name].example, "stopped"))
					out, err := c.run("validate", "-no-color")
					switch {
					case test.want == "" && err != nil:
						t.Errorf("validate fails: %v\n%s", err, out)
					case test.want != "" && (err == nil || !says(test.want).MatchString(out)):
						t.Errorf("validate says %v\n%s\nwant an error with %q", err, out, test.want)
					}
				})
			}
		})
	}
}
