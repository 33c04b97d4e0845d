package simulator

import (
	"fmt"
	"strings"
)

// Service is one row of the table of services, localcloud.Services: a cloud, or
// one product of a cloud that has several, with what a test, a benchmark or a
// demonstration needs to know to use it. All else about a cloud is in its Wire.
type Service struct {
	// Cloud is the name of the cloud, which is that of its wire and of its
	// configuration in the provider.
	Cloud string
	// Product is the value of the argument "service" on a cloud with several
	// products; empty elsewhere.
	Product string
	// New returns the wire of an empty cloud. Products of one cloud share it.
	New func() Wire

	// Region is where instances are seeded; empty where there are no regions.
	Region string
	// IDPattern makes ids that are valid for the cloud: its run of # stands for
	// the number of the instance.
	IDPattern string
	// Template is what each instance of the service has beside its id.
	Template Instance
	// Prepaid is the charge type of an instance that is paid in advance.
	Prepaid string
	// ForcedType is a type of instance that every stop cuts the power of, whatever it
	// asks for; empty where no page lists one.
	ForcedType string

	// Prefix stands before an action in a policy, as "ecs" in
	// "ecs:DescribeInstances". NoPolicies says that no page documents policies for
	// single actions; the simulator enforces those that a test seeds all the same.
	Prefix     string
	NoPolicies bool
	// Arguments are the names that a credential has in the configuration of the
	// provider.
	Arguments Arguments
	// Keys are the credentials that the cloud accepts from the start.
	Keys Keys
	// Federation is how it is used without them.
	Federation Federation
}

// Arguments are the names of the arguments of the provider that hold a credential.
type Arguments struct{ ID, Secret, Token string }

// Name tells a service from all others: the cloud, and the product if there are
// several.
func (s Service) Name() string {
	if s.Product == "" {
		return s.Cloud
	}
	return s.Cloud + "-" + s.Product
}

// Scope is the second part of an id that the provider imports: the region, or the
// product.
func (s Service) Scope() string {
	if s.Product != "" {
		return s.Product
	}
	return s.Region
}

// ID returns the id of the instance of a number.
func (s Service) ID(n int) string { return number(s.IDPattern, n) }

// IDs returns the ids of the first n instances.
func (s Service) IDs(n int) []string {
	out := make([]string, n)
	for i := range out {
		out[i] = s.ID(i)
	}
	return out
}

// Instance returns a running instance with an id of the service.
func (s Service) Instance(id string) Instance {
	i := s.Template.clone()
	i.ID = id
	return i
}

// Configuration returns the lines of the provider's configuration of the cloud
// that make it use the service with a credential. Where it is served, the argument
// "endpoint", is for the caller to add.
func (s Service) Configuration(k Credential) string {
	var lines []string
	set := func(argument, value string) {
		if argument != "" && value != "" {
			lines = append(lines, fmt.Sprintf("%s = %q", argument, value))
		}
	}
	set("service", s.Product)
	set("region", s.Region)
	set(s.Arguments.ID, k.AccessKeyID)
	set(s.Arguments.Secret, k.Secret)
	set(s.Arguments.Token, k.Token)
	return strings.Join(lines, "\n")
}

// Permission returns the name of an action in a policy.
func (s Service) Permission(action string) string { return s.Prefix + ":" + action }
