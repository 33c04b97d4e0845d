// Package driverkit is the toolbox of the drivers: whatever two of them would
// both write. It sends requests and keeps what the vendors' SDKs forget of an
// exchange, keeps them quiet, reads errors by a table of codes, tells whose fault a refusal is,
// checks keys, regions and endpoints, removes secrets from texts, and makes
// texts from outside visible. It knows no cloud: a code's meaning, a host and
// the form of an answer come from the driver.
package driverkit
