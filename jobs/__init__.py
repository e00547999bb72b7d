"""Work that joins the two: refresh the stored findings, plan rounds, write the report pack; called by pages, by the command line and by workers."""
