package credentials

import (
	"fmt"
	"regexp"
	"strings"
)

// Problem is an error in the configuration of a cloud that can be found without
// the environment and without files.
type Problem struct {
	// Block is the nested block that Argument is in; empty for the cloud's own.
	Block string
	// Argument is the argument at fault; it may be empty.
	Argument string
	// Text is a sentence without its full stop, and advice after it.
	Text string
}

// Error returns the text.
func (p Problem) Error() string { return p.Text }

// Check returns what is wrong with a configuration by itself.
func (c *Cloud) Check(config Config) []Problem {
	k := checker{cloud: c}
	k.keys(config)
	k.sources(config)
	if config.STSEndpoint != "" {
		_, err := parseEndpoint("`"+byTokenService.argument+"`", config.STSEndpoint, config.Region, "")
		k.add("", byTokenService.argument, err)
	}
	if config.MetadataEndpoint != "" && c.metadata != nil {
		_, err := parseEndpoint("`"+byMetadataService.argument+"`", config.MetadataEndpoint, config.Region, c.metadata.host())
		k.add("", byMetadataService.argument, err)
	}
	if role := config.AssumeRole; role != nil {
		n := c.names.AssumeRole
		k.role(n, role.SessionName, role.DurationSeconds, role.Policy)
	}
	if role := config.WebIdentity; role != nil {
		n := c.names.WebIdentity
		k.role(n, role.SessionName, role.DurationSeconds, role.Policy)
		k.tokens(n, *role)
	}
	return k.problems
}

type checker struct {
	cloud    *Cloud
	problems []Problem
}

func (k *checker) add(block, argument string, err error) {
	if err != nil {
		k.problems = append(k.problems, Problem{Block: block, Argument: argument, Text: err.Error()})
	}
}

// keys checks that the keys of the block are a whole set.
func (k *checker) keys(config Config) {
	n := k.cloud.names
	given := []struct{ name, value string }{
		{n.ID.Name, config.ID},
		{n.Secret.Name, config.Secret},
		{n.Token.Name, config.Token},
	}
	for _, g := range given {
		if g.value != "" {
			k.add("", g.name, checkKeys([2]string{"`" + g.name + "`", g.value}))
		}
	}
	pair := config.ID != "" || config.Secret != ""
	switch {
	case k.cloud.tokenAlone && config.Token != "" && pair:
		k.add(
			"",
			n.Token.Name,
			fmt.Errorf("`%s` is set beside `%s` or `%s`. Set either the token or the pair",
				n.Token.Name, n.ID.Name, n.Secret.Name),
		)
	case config.ID != "" && config.Secret == "":
		k.half(n.ID.Name, "`"+n.Secret.Name+"` is not")
	case config.Secret != "" && config.ID == "":
		k.half(n.Secret.Name, "`"+n.ID.Name+"` is not")
	case config.Token != "" && !pair && !k.cloud.tokenAlone:
		k.half(n.Token.Name, "`"+n.ID.Name+"` and `"+n.Secret.Name+"` are not")
	}
}

func (k *checker) half(set, missing string) {
	k.add("", set, fmt.Errorf("`%s` is set in the provider's `%s` block and %s. "+
		"A set of keys is taken whole from one source, and the environment does not complete it: set them all there, or none",
		set, k.cloud.names.Block, missing))
}

// sources checks that the block names one source.
func (k *checker) sources(config Config) {
	if written := k.cloud.written(config); len(written) > 1 {
		k.add(
			"",
			written[1],
			fmt.Errorf("the provider's `%s` block names more than one source of credentials: `%s`. Leave one of them",
				k.cloud.names.Block, strings.Join(written, "` and `")),
		)
	}
}

// written returns the first argument of each source that the block names.
func (c *Cloud) written(config Config) []string {
	var list []string
	switch {
	case config.ID != "":
		list = append(list, c.names.ID.Name)
	case config.Secret != "":
		list = append(list, c.names.Secret.Name)
	case config.Token != "":
		list = append(list, c.names.Token.Name)
	}
	if config.WebIdentity != nil {
		list = append(list, c.names.WebIdentity.Block)
	}
	switch {
	case config.Profile != "":
		list = append(list, c.names.Profile.Name)
	case config.File != "":
		list = append(list, c.names.File.Name)
	}
	if config.MachineRole != "" {
		list = append(list, c.names.MachineRole.Name)
	}
	return list
}

func (k *checker) role(n RoleNames, session string, seconds int64, policy string) {
	k.add(n.Block, n.SessionName.Name, k.cloud.checkSession(k.cloud.nested(n, n.SessionName), session))
	k.add(n.Block, n.Duration.Name, checkDuration(k.cloud.nested(n, n.Duration), seconds, n.MinDuration, n.MaxDuration))
	k.add(n.Block, n.Policy.Name, checkPolicy(k.cloud.nested(n, n.Policy), policy))
}

// tagForm is the tag of a variable of HCP Terraform.
var tagForm = regexp.MustCompile(`^[A-Za-z0-9_]+$`)

func (k *checker) tokens(n RoleNames, role WebIdentity) {
	var given []string
	for _, g := range []struct{ name, value string }{
		{n.Token.Name, role.Token}, {n.TokenFile.Name, role.TokenFile}, {n.TFCTag.Name, role.TFCTag},
	} {
		if g.value != "" {
			given = append(given, g.name)
		}
	}
	if len(given) > 1 {
		k.add(
			n.Block,
			given[1],
			fmt.Errorf("`%s` of the provider's `%s` block has more than one token: `%s`. Leave one of them",
				n.Block, k.cloud.names.Block, strings.Join(given, "` and `")),
		)
	}
	if role.TFCTag != "" && !tagForm.MatchString(role.TFCTag) {
		k.add(
			n.Block,
			n.TFCTag.Name,
			fmt.Errorf("%s is not a tag: it has letters, digits and _ only", k.cloud.nested(n, n.TFCTag)),
		)
	}
	if role.RoleARN != "" && role.RoleARNFile != "" {
		k.add(
			n.Block,
			n.RoleARNFile.Name,
			fmt.Errorf("`%s` of the provider's `%s` block has both `%s` and `%s`. Leave one of them",
				n.Block, k.cloud.names.Block, n.RoleARN.Name, n.RoleARNFile.Name),
		)
	}
}

// checkSession checks the name of a session; empty is unset.
func (c *Cloud) checkSession(argument, session string) error {
	if session == "" || c.session.allows(session) {
		return nil
	}
	return invalid("%s must have %s", argument, c.session)
}

// nested names an argument of a block of the cloud's block.
func (c *Cloud) nested(n RoleNames, a Argument) string {
	return fmt.Sprintf("`%s` in `%s` of the provider's `%s` block", a.Name, n.Block, c.names.Block)
}

// own names an argument of the cloud's block.
func (c *Cloud) own(a Argument) string {
	return fmt.Sprintf("`%s` in the provider's `%s` block", a.Name, c.names.Block)
}

// host is the metadata service's own host.
func (m *metadataService) host() string { return strings.TrimPrefix(m.url, "http://") }
